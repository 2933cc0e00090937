import { people, service, useService } from '../support.js';

describe('everything that is listed can be shown by itself', () => {
  const s = useService();
  const admin = () => s.as(people.admin.token);
  const list = async (path: string): Promise<{ id: string }[]> => {
    const { body } = await admin().get(path).expect(200);
    return Object.entries(body as Record<string, { id: string }[]>).find(([key]) => !key.endsWith('links'))?.[1] as {
      id: string;
    }[];
  };

  it.each([
    ['v3/roles', 'role'],
    ['v3/services', 'service'],
    ['v3/endpoints', 'endpoint'],
    ['v3/regions', 'region'],
    ['v3/domains', 'domain'],
    ['v3/users', 'user'],
    ['v3/projects', 'project'],
    ['v3/groups', 'group'],
    [`v3/users/${people.admin.uuid}/groups`, 'group', 'v3/groups'],
    ['v2.0/OS-KSADM/roles', 'role'],
    ['v2.0/OS-KSADM/services', 'OS-KSADM:service'],
    ['v2.0/endpoints', 'endpoint'],
    ['v2.0/users', 'user'],
    ['v2.0/tenants', 'tenant'],
  ])('200: each of %s as it is listed; 404: what is not', async (path, key, at = path) => {
    const all = await list(`/identity/${path}`);
    expect(all.length).toBeGreaterThan(0);
    for (const one of all) {
      const shown = (
        await admin()
          .get(`/identity/${at}/${encodeURIComponent(one.id)}`)
          .expect(200)
      ).body;
      expect(shown).toEqual({ [key]: one });
      if ('links' in one)
        expect(
          (
            await admin()
              .get(new URL((one.links as { self: string }).self).pathname)
              .expect(200)
          ).body,
        ).toEqual(shown);
    }
    for (const no of ['nothing', '999999999', '00000000-0000-4000-8000-000000000000'])
      await admin().get(`/identity/${at}/${no}`).expect(404);
  });
  it("every assignment's own link is 204 to GET and HEAD; another role is 404; roles at a place are listed", async () => {
    const all = (await admin().get('/identity/v3/role_assignments').expect(200)).body.role_assignments as {
      role: { id: string };
      links: { assignment: string };
    }[];
    expect(all.length).toBeGreaterThan(5);
    for (const { role, links } of all) {
      const { pathname } = new URL(links.assignment);
      await admin().get(pathname).expect(204);
      await admin().head(pathname).expect(204);
      const place = pathname.slice(0, pathname.lastIndexOf('/'));
      await admin().get(`${place}/manager`).expect(404);
      expect((await list(place)).map((r) => r.id)).toContain(role.id);
    }
    await admin().get(`/identity/v3/domains/other/users/${people.admin.uuid}/roles`).expect(404);
    await admin().get(`/identity/v3/domains/other/users/${people.admin.uuid}/roles/admin`).expect(404);
    await admin().get(`/identity/v3/system/users/nobody/roles`).expect(404);
    await admin().get(`/identity/v3/projects/nothing/users/${people.admin.uuid}/roles`).expect(404);
  });
  it('who is in a group: listed, and checked one by one', async () => {
    expect((await list('/identity/v3/groups/1/users')).map((u) => u.id).sort()).toEqual(
      Object.values(people)
        .map((p) => p.uuid)
        .sort(),
    );
    await admin().get(`/identity/v3/groups/1/users/${people.user.uuid}`).expect(204);
    const [staff] = (await admin().get('/identity/v3/groups?name=admin-api').expect(200)).body.groups;
    await admin().head(`/identity/v3/groups/${staff.id}/users/${people.admin.uuid}`).expect(204);
    await admin().head(`/identity/v3/groups/${staff.id}/users/${people.user.uuid}`).expect(404);
  });
  it('a user sees the own groups, roles and project; those of others, and all groups, are 403 or 404', async () => {
    const mine = s.as(people.user.token);
    expect((await mine.get(`/identity/v3/users/${people.user.uuid}/groups`).expect(200)).body.groups).toMatchObject([
      { id: '1', name: 'default' },
    ]);
    await mine.get(`/identity/v3/projects/${people.user.uuid}/users/${people.user.uuid}/roles/member`).expect(204);
    await mine.get(`/identity/v3/users/${people.other.uuid}/groups`).expect(403);
    await mine.get(`/identity/v3/projects/${people.other.uuid}/users/${people.other.uuid}/roles`).expect(403);
    for (const path of ['roles', 'roles/member'])
      for (const project of [people.other.uuid, people.admin.uuid, '00000000-0000-4000-8000-000000000000', 'nothing'])
        await mine.get(`/identity/v3/projects/${project}/users/${people.user.uuid}/${path}`).expect(404);
    expect(
      (await mine.get(`/identity/v3/projects/${people.user.uuid}/users/${people.user.uuid}/roles`).expect(200)).body
        .roles,
    ).toHaveLength(2);
    await mine.get('/identity/v3/groups').expect(403);
    await mine.get('/identity/v3/groups/1').expect(403);
    await mine.get(`/identity/v2.0/tenants/${people.user.uuid}`).expect(200);
    await mine.get(`/identity/v2.0/tenants/${people.other.uuid}`).expect(404);
  });
  it('404, never 500: ids beyond what the database holds', async () => {
    const { uuid } = people.user;
    for (const n of ['2147483648', '9999999999', '99999999999999999999', '1e9', '1.0', '-1', '%201', 'NaN', '%C3%BC'])
      for (const path of [
        `groups/${n}`,
        `groups/${n}/users`,
        `groups/1/users/${n}`,
        `users/${n}`,
        `users/${n}/groups`,
        `roles/${n}`,
        `services/${n}`,
        `endpoints/${n}`,
        `regions/${n}`,
        `projects/${n}`,
        `users/${n}/application_credentials`,
        `projects/${uuid}/users/${uuid}/roles/${n}`,
      ])
        expect([path, (await admin().get(`/identity/v3/${path}`)).status]).toEqual([path, 404]);
    expect(
      (await admin().get('/identity/v3/role_assignments?marker=999999999999999999.999999999').expect(200)).body
        .role_assignments,
    ).toEqual([]);
    for (const query of [
      'role.id=9999999999',
      'user.id=9999999999',
      'scope.project.id=9999999999',
      'group.id=9999999999',
    ])
      expect((await admin().get(`/identity/v3/role_assignments?${query}`).expect(200)).body.role_assignments).toEqual(
        [],
      );
  });
  it('components may see what says nothing of people', async () => {
    for (const path of ['roles/admin', 'domains/default', 'regions/default'])
      await s.as(service.token).get(`/identity/v3/${path}`).expect(200);
    for (const path of ['groups/1', `users/${people.user.uuid}/groups`])
      await s.as(service.token).get(`/identity/v3/${path}`).expect(403);
  });
  it('200: parents and children of a project, of which there are none; 400: in two forms at once', async () => {
    const path = `/identity/v3/projects/${people.user.uuid}`;
    expect((await admin().get(`${path}?parents_as_ids&subtree_as_list`).expect(200)).body.project).toMatchObject({
      parents: null,
      subtree: [],
    });
    expect((await admin().get(`${path}?parents_as_ids=False`).expect(200)).body.project).not.toHaveProperty('parents');
    await admin().get(`${path}?parents_as_ids&parents_as_list`).expect(400);
    await admin().get(`${path}?include_limits`).expect(400);
  });
});
