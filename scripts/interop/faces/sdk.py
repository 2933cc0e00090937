"""openstacksdk, unmodified, against Nefos: one life of a machine with its network, image and volume.

Reads settings from the environment (OS_*); prints "ok <step>" or "not ok <step>" per line.
"""
import sys
import tempfile

import openstack

PREFIX = sys.argv[1]
FLAVOR = sys.argv[2]
OUTSIDE = sys.argv[3]


def note(holds, step):
    print(("ok " if holds else "not ok ") + step, flush=True)


def main():
    cloud = openstack.connect()
    note(cloud.current_project_id is not None, "connect")
    with tempfile.NamedTemporaryFile() as file:
        file.write(b"nefos" * 200_000)
        file.flush()
        image = cloud.create_image(
            PREFIX + "image", filename=file.name, disk_format="raw", container_format="bare", wait=True, allow_duplicates=True
        )
    note(image.status == "active", "create_image uploads")
    network = cloud.create_network(PREFIX + "net")
    subnet = cloud.create_subnet(network.id, cidr="10.78.0.0/24", subnet_name=PREFIX + "subnet")
    router = cloud.create_router(PREFIX + "router", ext_gateway_net_id=OUTSIDE)
    cloud.add_router_interface(router, subnet_id=subnet.id)
    note(router.id is not None, "create_network, create_subnet, create_router, add_router_interface")
    server = cloud.create_server(
        PREFIX + "vm", image=image.id, flavor=FLAVOR, network=network.id, wait=True, auto_ip=True, timeout=120
    )
    note(server.status == "ACTIVE", "create_server with wait and auto_ip")
    note(bool(cloud.get_server_public_ip(cloud.get_server_by_id(server.id))), "it has a floating IP")
    volume = cloud.create_volume(1, name=PREFIX + "volume", wait=True, timeout=120)
    note(volume.status == "available", "create_volume")
    cloud.attach_volume(server, volume, wait=True, timeout=120)
    note(cloud.get_volume_by_id(volume.id).status == "in-use", "attach_volume")
    cloud.detach_volume(server, cloud.get_volume_by_id(volume.id), wait=True, timeout=120)
    note(cloud.get_volume_by_id(volume.id).status == "available", "detach_volume")
    note(any(one.id == server.id for one in cloud.compute.servers()), "compute.servers() lists it")
    note(cloud.compute.get_server(server.id).flavor.original_name is not None, "the newest microversion is understood")
    note(cloud.delete_server(server.id, wait=True, timeout=120, delete_ips=True), "delete_server with its addresses")
    note(cloud.delete_volume(volume.id, wait=True, timeout=120), "delete_volume")
    cloud.remove_router_interface(router, subnet_id=subnet.id)
    note(cloud.delete_router(router.id), "delete_router")
    note(cloud.delete_network(network.id), "delete_network")
    note(cloud.delete_image(image.id, wait=True), "delete_image")


main()
