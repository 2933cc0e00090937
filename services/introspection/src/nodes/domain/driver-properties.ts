const REDFISH = {
  redfish_address: 'The URL of the BMC; https without a scheme. Required.',
  redfish_system_id: 'The path of the system; needed unless the BMC has exactly one.',
  redfish_username: 'User of the BMC.',
  redfish_password: 'Password of that user; shown as ******.',
  redfish_verify_ca:
    'Whether its certificate is checked, or the path of the certificates to check it by. Default: true.',
  redfish_auth_type: 'One of "basic", "session", "auto". Default: "auto".',
};
const IPMI = {
  ipmi_address: 'IP address or host name of the BMC. Required.',
  ipmi_port: 'UDP port of the BMC. Default: 623.',
  ipmi_username: 'User of the BMC.',
  ipmi_password: 'Password of that user; shown as ******.',
  ipmi_priv_level: 'Privilege level. Default: ADMINISTRATOR.',
  ipmi_protocol_version: 'Version of the protocol, "2.0" or "1.5". Default: 2.0.',
  ipmi_cipher_suite: 'Number of the cipher suite.',
  ipmi_bridging: 'How the BMC is reached through another, "no" or "single" or "dual". Default: no.',
};
const FAKE = {
  fake_delay_ms: 'How long each command takes, in milliseconds.',
  fake_fail: 'Name of a command that fails.',
  simulated_machine: 'A built-in sample, which the machine reports when it boots from the network.',
};
const COMMON = {
  force_persistent_boot_device: 'Whether the boot device is set for good: "Always", "Default", "Never".',
  deploy_kernel: 'Image of the kernel that a machine boots for inspection.',
  deploy_ramdisk: 'Image of the ramdisk that a machine boots for inspection.',
};
/** What driver_info may hold, by hardware type. */
export const DRIVER_PROPERTIES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'fake-hardware': { ...FAKE, ...COMMON },
  ipmi: { ...IPMI, ...COMMON },
  manual: COMMON,
  redfish: { ...REDFISH, ...COMMON },
};
