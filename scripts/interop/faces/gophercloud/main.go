// Uses Nefos by gophercloud, unmodified: an image, a server with a floating IP and a volume, from their creation to their end. The flavor, the
// network outside, an image and a network come as arguments, who signs in from OS_* of the environment. Prints one line per step.
package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/blockstorage/v3/snapshots"
	"github.com/gophercloud/gophercloud/v2/openstack/blockstorage/v3/volumes"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/flavors"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/keypairs"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/volumeattach"
	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/imagedata"
	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/images"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/layer3/floatingips"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/networks"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/ports"
)

func must(step string, err error) {
	if err != nil {
		fmt.Printf("not ok %s: %v\n", step, err)
		os.Exit(1)
	}
	fmt.Printf("ok %s\n", step)
}

func holds(step string, ok bool) {
	if ok {
		fmt.Printf("ok %s\n", step)
	} else {
		fmt.Printf("not ok %s\n", step)
	}
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	flavor, outside, net := os.Args[1], os.Args[2], os.Args[4]
	opts, err := openstack.AuthOptionsFromEnv()
	must("settings", err)
	provider, err := openstack.AuthenticatedClient(ctx, opts)
	must("sign in", err)
	where := gophercloud.EndpointOpts{}
	compute, err := openstack.NewComputeV2(provider, where)
	must("compute client", err)
	image, err := openstack.NewImageV2(provider, where)
	must("image client", err)
	network, err := openstack.NewNetworkV2(provider, where)
	must("network client", err)
	volume, err := openstack.NewBlockStorageV3(provider, where)
	must("volume client", err)

	pages, err := flavors.ListDetail(compute, flavors.ListOpts{}).AllPages(ctx)
	must("list flavors", err)
	all, err := flavors.ExtractFlavors(pages)
	must("read the flavors", err)
	holds("some flavors", len(all) > 0)

	img := upload(ctx, image)
	key, err := keypairs.Create(ctx, compute, keypairs.CreateOpts{Name: "go-key"}).Extract()
	must("make a key pair", err)
	holds("with its private half", key.PrivateKey != "")
	made := life(ctx, compute, img, flavor, net)
	address(ctx, network, made, outside)
	disk(ctx, compute, volume, made)
	must("delete the server", servers.Delete(ctx, compute, made.ID).ExtractErr())
	gone(ctx, compute, made.ID)
	must("delete the key pair", keypairs.Delete(ctx, compute, "go-key", nil).ExtractErr())
	must("delete the image", images.Delete(ctx, image, img).ExtractErr())
	list, err := networks.List(network, networks.ListOpts{ID: net}).AllPages(ctx)
	must("list networks by id", err)
	found, err := networks.ExtractNetworks(list)
	must("read the networks", err)
	holds("one network", len(found) == 1)
}

func upload(ctx context.Context, client *gophercloud.ServiceClient) string {
	made, err := images.Create(ctx, client, images.CreateOpts{Name: "go-image", DiskFormat: "raw", ContainerFormat: "bare"}).Extract()
	must("make an image", err)
	must("upload its data", imagedata.Upload(ctx, client, made.ID, bytes.NewReader(bytes.Repeat([]byte("nefos"), 100000))).ExtractErr())
	shown, err := images.Get(ctx, client, made.ID).Extract()
	must("show the image", err)
	holds("it is active", shown.Status == images.ImageStatusActive && shown.SizeBytes == 500000)
	return made.ID
}

func life(ctx context.Context, client *gophercloud.ServiceClient, image, flavor, net string) *servers.Server {
	made, err := servers.Create(ctx, client, servers.CreateOpts{
		Name: "go-vm", ImageRef: image, FlavorRef: flavor, Networks: []servers.Network{{UUID: net}}, Metadata: map[string]string{"role": "web"},
	}, nil).Extract()
	must("create a server", err)
	must("it becomes active", servers.WaitForStatus(ctx, client, made.ID, "ACTIVE"))
	shown, err := servers.Get(ctx, client, made.ID).Extract()
	must("show the server", err)
	holds("its metadata", shown.Metadata["role"] == "web")
	must("stop it", servers.Stop(ctx, client, made.ID).ExtractErr())
	must("it is off", servers.WaitForStatus(ctx, client, made.ID, "SHUTOFF"))
	must("start it", servers.Start(ctx, client, made.ID).ExtractErr())
	must("it is on", servers.WaitForStatus(ctx, client, made.ID, "ACTIVE"))
	return shown
}

func address(ctx context.Context, client *gophercloud.ServiceClient, server *servers.Server, outside string) {
	list, err := ports.List(client, ports.ListOpts{DeviceID: server.ID}).AllPages(ctx)
	must("list the server's ports", err)
	own, err := ports.ExtractPorts(list)
	must("read the ports", err)
	holds("one port", len(own) == 1)
	ip, err := floatingips.Create(ctx, client, floatingips.CreateOpts{FloatingNetworkID: outside}).Extract()
	must("make a floating IP", err)
	_, err = floatingips.Update(ctx, client, ip.ID, floatingips.UpdateOpts{PortID: &own[0].ID}).Extract()
	must("give it to the server", err)
	none := ""
	_, err = floatingips.Update(ctx, client, ip.ID, floatingips.UpdateOpts{PortID: &none}).Extract()
	must("take it away", err)
	must("delete the floating IP", floatingips.Delete(ctx, client, ip.ID).ExtractErr())
}

func disk(ctx context.Context, compute, client *gophercloud.ServiceClient, server *servers.Server) {
	made, err := volumes.Create(ctx, client, volumes.CreateOpts{Size: 1, Name: "go-volume"}, nil).Extract()
	must("create a volume", err)
	must("it is available", volumes.WaitForStatus(ctx, client, made.ID, "available"))
	_, err = volumeattach.Create(ctx, compute, server.ID, volumeattach.CreateOpts{VolumeID: made.ID}).Extract()
	must("attach it", err)
	must("it is in use", volumes.WaitForStatus(ctx, client, made.ID, "in-use"))
	must("detach it", volumeattach.Delete(ctx, compute, server.ID, made.ID).ExtractErr())
	must("it is available again", volumes.WaitForStatus(ctx, client, made.ID, "available"))
	snapshot, err := snapshots.Create(ctx, client, snapshots.CreateOpts{VolumeID: made.ID, Name: "go-snap"}).Extract()
	must("make a snapshot", err)
	must("it is available, too", snapshots.WaitForStatus(ctx, client, snapshot.ID, "available"))
	must("delete the snapshot", snapshots.Delete(ctx, client, snapshot.ID).ExtractErr())
	for i := 0; i < 60; i++ {
		if _, err := snapshots.Get(ctx, client, snapshot.ID).Extract(); err != nil {
			break
		}
		time.Sleep(time.Second)
	}
	must("delete the volume", volumes.Delete(ctx, client, made.ID, nil).ExtractErr())
}

func gone(ctx context.Context, client *gophercloud.ServiceClient, id string) {
	for i := 0; i < 60; i++ {
		if _, err := servers.Get(ctx, client, id).Extract(); gophercloud.ResponseCodeIs(err, 404) {
			holds("the server is gone", true)
			return
		}
		time.Sleep(time.Second)
	}
	holds("the server is gone", false)
}
