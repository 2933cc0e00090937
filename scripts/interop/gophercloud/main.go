// Uses identity by gophercloud, unmodified: signs in, makes and lists application credentials, signs in with one, lists and shows what an
// administrator may. Reads {"auth_url", "user", "admin"} from stdin; prints one line per step and fails at the first that does not hold.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/applicationcredentials"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/domains"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/endpoints"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/groups"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/projects"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/regions"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/roles"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/services"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/users"
)

type person struct{ UUID, Email, Password, Token string }
type wish struct {
	AuthURL string `json:"auth_url"`
	User    person `json:"user"`
	Admin   person `json:"admin"`
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var w wish
	must("the wish", json.NewDecoder(os.Stdin).Decode(&w))
	user, err := identity(ctx, gophercloud.AuthOptions{IdentityEndpoint: w.AuthURL, Username: w.User.Email, Password: w.User.Password, DomainName: "Default", TenantID: w.User.UUID})
	must("sign in by password", err)
	credentials(ctx, w, user)
	admin, err := identity(ctx, gophercloud.AuthOptions{IdentityEndpoint: w.AuthURL, Username: w.Admin.Email, Password: w.Admin.Password, DomainName: "Default", TenantID: w.Admin.UUID})
	must("sign in as administrator", err)
	endless(ctx, w, admin)
	lists(ctx, w, admin)
	change(ctx, w, admin)
}

// identity signs in and finds identity's own address in the catalog, the internal one.
func identity(ctx context.Context, o gophercloud.AuthOptions) (*gophercloud.ServiceClient, error) {
	provider, err := openstack.AuthenticatedClient(ctx, o)
	if err != nil {
		return nil, err
	}
	return openstack.NewIdentityV3(provider, gophercloud.EndpointOpts{Availability: gophercloud.AvailabilityInternal})
}

func credentials(ctx context.Context, w wish, client *gophercloud.ServiceClient) {
	end := time.Date(2037, 1, 1, 0, 0, 0, 0, time.UTC)
	made, err := applicationcredentials.Create(ctx, client, w.User.UUID, applicationcredentials.CreateOpts{Name: "gophercloud", ExpiresAt: &end}).Extract()
	must("make an application credential", err)
	holds("its end is the one that was asked for", made.ExpiresAt.Equal(end))
	pages, err := applicationcredentials.List(client, w.User.UUID, applicationcredentials.ListOpts{Name: "gophercloud"}).AllPages(ctx)
	must("list application credentials by name", err)
	all, err := applicationcredentials.ExtractApplicationCredentials(pages)
	must("read the list", err)
	holds("one of that name", len(all) == 1 && all[0].ID == made.ID && all[0].ExpiresAt.Equal(end))
	_, err = identity(ctx, gophercloud.AuthOptions{IdentityEndpoint: w.AuthURL, ApplicationCredentialID: made.ID, ApplicationCredentialSecret: made.Secret})
	must("sign in with it", err)
	must("delete it", applicationcredentials.Delete(ctx, client, w.User.UUID, made.ID).ExtractErr())
}

func endless(ctx context.Context, w wish, client *gophercloud.ServiceClient) {
	shown, err := tokens.Get(ctx, client, w.Admin.Token).Extract()
	must("show a token without an end", err)
	holds("its end is far away", shown.ExpiresAt.Year() == 9999)
}

func lists(ctx context.Context, w wish, client *gophercloud.ServiceClient) {
	pages, err := users.List(client, users.ListOpts{Name: w.User.Email, DomainID: "default"}).AllPages(ctx)
	must("list users by name", err)
	found, err := users.ExtractUsers(pages)
	must("read users", err)
	holds("one user of that name", len(found) == 1 && found[0].ID == w.User.UUID)
	pages, err = users.ListGroups(client, w.User.UUID).AllPages(ctx)
	must("list a user's groups", err)
	mine, err := groups.ExtractGroups(pages)
	must("read groups", err)
	holds("every user is in a group", len(mine) > 0)
	_, err = groups.Get(ctx, client, mine[0].ID).Extract()
	must("show a group", err)
	pages, err = users.ListProjects(client, w.User.UUID).AllPages(ctx)
	must("list a user's projects", err)
	held, err := projects.ExtractProjects(pages)
	must("read projects", err)
	holds("the own project", len(held) == 1 && held[0].ID == w.User.UUID)
	yes := true
	pages, err = roles.ListAssignments(client, roles.ListAssignmentsOpts{UserID: w.Admin.UUID, Effective: &yes, IncludeNames: &yes}).AllPages(ctx)
	must("list role assignments", err)
	assigned, err := roles.ExtractRoleAssignments(pages)
	must("read role assignments", err)
	admin := false
	for _, one := range assigned {
		admin = admin || one.Role.Name == "admin" && one.User.Name == w.Admin.Email
	}
	holds("the superuser has the role admin", admin)
	pages, err = roles.ListAssignmentsOnResource(client, roles.ListAssignmentsOnResourceOpts{UserID: w.User.UUID, ProjectID: w.User.UUID}).AllPages(ctx)
	must("list roles in a project", err)
	here, err := roles.ExtractRoles(pages)
	must("read roles", err)
	holds("member of the own project", here[0].Name == "member")
	_, err = roles.Get(ctx, client, here[0].ID).Extract()
	must("show a role", err)
	singles(ctx, client)
}

func singles(ctx context.Context, client *gophercloud.ServiceClient) {
	pages, err := services.List(client, services.ListOpts{ServiceType: "identity"}).AllPages(ctx)
	must("list services by type", err)
	all, err := services.ExtractServices(pages)
	must("read services", err)
	holds("one identity", len(all) == 1)
	_, err = services.Get(ctx, client, all[0].ID).Extract()
	must("show a service", err)
	pages, err = endpoints.List(client, endpoints.ListOpts{ServiceID: all[0].ID, Availability: gophercloud.AvailabilityAdmin}).AllPages(ctx)
	must("list endpoints of a service by interface", err)
	at, err := endpoints.ExtractEndpoints(pages)
	must("read endpoints", err)
	holds("one admin endpoint", len(at) == 1)
	_, err = endpoints.Get(ctx, client, at[0].ID).Extract()
	must("show an endpoint", err)
	_, err = regions.Get(ctx, client, "default").Extract()
	must("show a region", err)
	pages, err = domains.List(client, domains.ListOpts{Name: "NoSuch"}).AllPages(ctx)
	must("list domains by name", err)
	none, err := domains.ExtractDomains(pages)
	must("read domains", err)
	holds("no domain of that name", len(none) == 0)
}

func change(ctx context.Context, w wish, client *gophercloud.ServiceClient) {
	no, yes := false, true
	off, err := users.Update(ctx, client, w.User.UUID, users.UpdateOpts{Enabled: &no}).Extract()
	must("disable a user", err)
	holds("the user is disabled", !off.Enabled)
	_, err = identity(ctx, gophercloud.AuthOptions{IdentityEndpoint: w.AuthURL, Username: w.User.Email, Password: w.User.Password, DomainName: "Default"})
	holds("who is disabled can not sign in", err != nil)
	on, err := users.Update(ctx, client, w.User.UUID, users.UpdateOpts{Enabled: &yes}).Extract()
	must("enable a user", err)
	holds("the user is enabled", on.Enabled)
}

func must(step string, err error) {
	if err != nil {
		fmt.Printf("not ok %s: %v\n", step, err)
		os.Exit(1)
	}
	fmt.Printf("ok %s\n", step)
}
func holds(what string, so bool) {
	if !so {
		fmt.Printf("not ok %s\n", what)
		os.Exit(1)
	}
	fmt.Printf("ok %s\n", what)
}
