"""openstacksdk, unmodified, against Nefos: introspection by its proxy, and machines by the flows of its manual.

Reads settings from the environment (OS_*); prints "ok <step>" or "not ok <step>" per line.
"""
import sys

import openstack
from openstack import exceptions

SAMPLE = sys.argv[1]


def note(holds, step):
    print(("ok " if holds else "not ok ") + step, flush=True)


def refused(step, kind, call, *args, **named):
    try:
        call(*args, **named)
        note(False, step)
    except kind:
        note(True, step)


def main():
    cloud = openstack.connect()
    metal, runs = cloud.baremetal, cloud.baremetal_introspection
    note(cloud.has_service("baremetal") and cloud.has_service("baremetal-introspection"), "both are in the catalog")
    note({"redfish", "ipmi"} <= {one.name for one in metal.drivers()}, "drivers()")
    nodes = [
        metal.create_node(
            name=f"sdk-{i}",
            driver="fake-hardware",
            driver_info={"simulated_machine": SAMPLE, "ipmi_address": f"192.0.2.{100 + i}"},
            resource_class="sdk",
        )
        for i in range(2)
    ]
    note(all(one.provision_state == "enroll" for one in nodes), "create_node")
    taken = {"name": "sdk-0", "driver": "fake-hardware"}
    refused("create_node of a name that is taken", exceptions.ConflictException, metal.create_node, **taken)
    names = [one.name for one in metal.nodes(resource_class="sdk", limit=1)]
    note(sorted(names) == ["sdk-0", "sdk-1"], "nodes(limit=1) pages to the end")
    note(metal.find_node("sdk-0").id == nodes[0].id, "find_node by name")
    node = metal.update_node(nodes[0], extra={"a": 1})
    note(node.extra == {"a": 1}, "update_node")
    node = metal.patch_node(node, [{"op": "add", "path": "/extra/b", "value": 2}])
    note(node.extra == {"a": 1, "b": 2}, "patch_node")
    refused("get_node of none", exceptions.NotFoundException, metal.get_node, "no-such-node")
    note(metal.validate_node(node, required=("power", "management"))["power"].result, "validate_node")
    node = metal.set_node_provision_state(node, "manage", wait=True, timeout=60)
    note(node.provision_state == "manageable", "set_node_provision_state manage, wait")
    metal.set_node_power_state(node, "power on", wait=True, timeout=60)
    note(metal.get_node(node).power_state == "power on", "set_node_power_state, wait")
    metal.set_node_boot_device(node, "pxe", persistent=True)
    note(metal.get_node_boot_device(node)["boot_device"] == "pxe", "set_node_boot_device")
    metal.set_node_maintenance(node, "tests")
    note(metal.get_node(node).maintenance_reason == "tests", "set_node_maintenance")
    metal.unset_node_maintenance(node)
    metal.add_node_trait(node, "CUSTOM_SDK")
    note(metal.get_node(node).traits == ["CUSTOM_SDK"], "add_node_trait")
    metal.set_node_traits(node, [])
    note(metal.get_node(node).traits == [], "set_node_traits")
    port = metal.create_port(address="52:54:00:5d:00:01", node_id=nodes[1].id, pxe_enabled=True)
    note([one.id for one in metal.ports(node=nodes[1].id)] == [port.id], "create_port, ports(node)")
    port = metal.update_port(port, address="52:54:00:5d:00:02")
    note(port.address == "52:54:00:5d:00:02", "update_port")
    metal.delete_port(port)
    refused("get_port of one that was deleted", exceptions.NotFoundException, metal.get_port, port.id)

    run = runs.start_introspection(nodes[1])
    note(run.id == nodes[1].id, "start_introspection with a JSON body")
    run = runs.wait_for_introspection(run, timeout=120)
    note(run.is_finished and run.error is None and run.state == "finished", "wait_for_introspection")
    note("all_interfaces" in runs.get_introspection_data(run), "get_introspection_data")
    raw = runs.get_introspection_data(run, processed=False)
    note("inventory" in raw and "all_interfaces" not in raw, "get_introspection_data, unprocessed")
    runs.start_introspection(nodes[0], manage_boot=False)
    note(runs.get_introspection(nodes[0].id).state == "waiting", "start_introspection with manage_boot=False")
    ids = [one.id for one in runs.introspections(limit=1)]
    whole = set(ids) >= {one.id for one in nodes} and len(ids) == len(set(ids))
    note(whole, "introspections(limit=1) ends with the empty page")
    runs.abort_introspection(nodes[0].id)
    try:
        runs.wait_for_introspection(nodes[0].id, timeout=60)
        note(False, "abort_introspection")
    except exceptions.ResourceFailure as err:
        note("Canceled by operator" in str(err), "abort_introspection")
    # A node in inspection; both services tell of it.
    metal.set_node_provision_state(nodes[1], "manage", wait=True, timeout=60)
    node = metal.set_node_provision_state(nodes[1], "inspect", wait=True, timeout=120)
    note(node.provision_state == "manageable" and node.properties.get("cpus"), "set_node_provision_state inspect, wait")
    note(metal.get_node_inventory(node)["inventory"]["interfaces"], "get_node_inventory")
    # Its create_introspection_rule fails by itself without an id, and sends PUT with one, which the original refuses.
    actions = [{"action": "set-attribute", "path": "/extra/c", "value": 3}]
    body = {"conditions": [], "actions": actions, "description": "sdk"}
    rule = runs.post("/rules", json=body).json()
    note(runs.get_introspection_rule(rule["uuid"]).description == "sdk", "get_introspection_rule")
    note([one.id for one in runs.introspection_rules()] == [rule["uuid"]], "introspection_rules")
    runs.delete_introspection_rule(rule["uuid"])
    note(not list(runs.introspection_rules()), "delete_introspection_rule")
    for one in nodes:
        metal.delete_node(one.id)
    note(metal.find_node("sdk-0") is None, "delete_node")


main()
