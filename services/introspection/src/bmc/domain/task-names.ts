/** The jobs of this area. */
export const STEP_POWER = 'bmc.power';
export const BOOT_SIMULATED = 'bmc.simulated_boot';
