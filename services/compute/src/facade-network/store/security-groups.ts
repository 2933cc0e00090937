import { common, field, id, key, LABEL, LABELLED, ofProjects, TIMES, times, type ResourceStore } from './resource.js';

const RULE = `jsonb_build_object('id', r.id, 'securityGroupId', r.security_group_id, 'direction', r.direction,
  'ethertype', r.ethertype, 'protocol', r.protocol, 'portMin', r.port_min, 'portMax', r.port_max,
  'remotePrefix', r.remote_prefix, 'remoteGroupId', r.remote_group_id, 'description', coalesce(m.description, ''),
  'tags', coalesce(m.tags, '{}'), 'revision', coalesce(m.revision, 0), 'createdAt', r.created_at,
  'updatedAt', coalesce(m.updated_at, r.created_at))`;
export const groupStore: ResourceStore = {
  spec: {
    select: `x.id, x.name, coalesce(nullif(l.description, ''), x.description) description,
      coalesce(l.tags, '{}') tags, coalesce(l.revision, 0) revision, x.project_id "projectId", x.region_id "regionId",
      x.is_default "isDefault", ${TIMES}, (select jsonb_agg(${RULE} order by r.created_at, r.id)
        from security_group_rule r left join network_label m on m.id = r.id where r.security_group_id = x.id) rules`,
    from: `security_group x ${LABELLED}`,
    keys: { id, name: key('x.name'), project_id: key('x.project_id'), ...times },
    id,
  },
  filters: {
    ...common,
    description: field('x.description'),
    stateful: field('true', 'boolean'),
    shared: field('false', 'boolean'),
  },
  scope: ofProjects('security_group'),
};
export const ruleStore: ResourceStore = {
  spec: {
    select: `x.id, x.security_group_id "securityGroupId", x.direction, x.ethertype, x.protocol, x.port_min "portMin",
      x.port_max "portMax", x.remote_prefix::text "remotePrefix", x.remote_group_id "remoteGroupId",
      ${TIMES}, g.project_id "projectId", ${LABEL}`,
    from: `security_group_rule x join security_group g on g.id = x.security_group_id ${LABELLED}`,
    keys: { id, direction: key('x.direction'), ethertype: key('x.ethertype'), ...times },
    id,
  },
  filters: {
    id: common.id,
    revision_number: common.revision_number,
    description: common.description,
    project_id: field('g.project_id', 'project'),
    tenant_id: field('g.project_id', 'project'),
    security_group_id: field('x.security_group_id', 'uuid'),
    direction: field('x.direction'),
    ethertype: field('x.ethertype'),
    protocol: field('x.protocol'),
    port_range_min: field('x.port_min', 'int'),
    port_range_max: field('x.port_max', 'int'),
    remote_ip_prefix: field('x.remote_prefix::text', 'prefix'),
    remote_group_id: field('x.remote_group_id', 'uuid'),
  },
  scope: ofProjects('security_group', 'g'),
};
