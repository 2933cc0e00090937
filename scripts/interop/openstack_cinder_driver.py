# Volumes of a Cinder for tests: sparse files of a directory. Neither LVM nor a network is needed.
import os
import shutil
import subprocess

from cinder.image import image_utils
from cinder.volume import driver
from cinder.volume import volume_utils
from oslo_config import cfg

GIB = 1024**3


class DirectoryDriver(driver.VolumeDriver):
    VERSION = "1"

    def do_setup(self, context):
        self.directory = os.path.join(cfg.CONF.state_path, "volumes")
        os.makedirs(self.directory, exist_ok=True)

    def check_for_setup_error(self):
        pass

    def _path(self, thing):
        return os.path.join(self.directory, thing["name"])

    def local_path(self, volume):
        return self._path(volume)

    def _copy(self, source, target, size_gb):
        subprocess.run(["cp", "--sparse=always", self._path(source), self._path(target)], check=True)
        os.truncate(self._path(target), size_gb * GIB)

    def _remove(self, thing):
        try:
            os.unlink(self._path(thing))
        except FileNotFoundError:
            pass

    def _update_volume_stats(self):
        free = shutil.disk_usage(self.directory).free / GIB
        self._stats = {
            "volume_backend_name": self.configuration.safe_get("volume_backend_name"),
            "vendor_name": "Nefos",
            "driver_version": self.VERSION,
            "storage_protocol": "local",
            "total_capacity_gb": free,
            "free_capacity_gb": free,
            "reserved_percentage": 0,
            "thin_provisioning_support": True,
            "max_over_subscription_ratio": 1000.0,
            "provisioned_capacity_gb": 0,
            "multiattach": False,
            "online_extend_support": True,
        }

    def create_volume(self, volume):
        with open(self._path(volume), "wb") as file:
            file.truncate(volume["size"] * GIB)

    def delete_volume(self, volume):
        self._remove(volume)

    def create_snapshot(self, snapshot):
        self._copy(snapshot.volume, snapshot, snapshot["volume_size"])

    def delete_snapshot(self, snapshot):
        self._remove(snapshot)

    def create_volume_from_snapshot(self, volume, snapshot):
        self._copy(snapshot, volume, volume["size"])

    def create_cloned_volume(self, volume, src_vref):
        self._copy(src_vref, volume, volume["size"])

    def revert_to_snapshot(self, context, volume, snapshot):
        self._copy(snapshot, volume, volume["size"])

    def extend_volume(self, volume, new_size):
        os.truncate(self._path(volume), new_size * GIB)

    def copy_image_to_volume(self, context, volume, image_service, image_id, disable_sparse=False):
        image_utils.fetch_to_raw(
            context, image_service, image_id, self._path(volume), "1M", size=volume["size"], run_as_root=False
        )
        os.truncate(self._path(volume), volume["size"] * GIB)

    def copy_volume_to_image(self, context, volume, image_service, image_meta):
        volume_utils.upload_volume(
            context, image_service, image_meta, self._path(volume), volume, run_as_root=False
        )

    def ensure_export(self, context, volume):
        pass

    def create_export(self, context, volume, connector):
        pass

    def remove_export(self, context, volume):
        pass

    def initialize_connection(self, volume, connector):
        return {"driver_volume_type": "local", "data": {"device_path": self._path(volume)}}

    def terminate_connection(self, volume, connector, **kwargs):
        pass
