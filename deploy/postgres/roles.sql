-- One role and one database per service; nobody reads another's tables. Run once, by a superuser, with psql 15 or newer:
--
--   NEFOS_IDENTITY_PASSWORD=... NEFOS_COMPUTE_PASSWORD=... NEFOS_METERING_PASSWORD=... NEFOS_INTROSPECTION_PASSWORD=... \
--     psql -h <host> -U postgres -f roles.sql
--
-- In the environment the passwords are in no list of processes. They are the ones in NEFOS_<SERVICE>_DATABASE_URL.
\set ON_ERROR_STOP on
\getenv identity_password NEFOS_IDENTITY_PASSWORD
\getenv compute_password NEFOS_COMPUTE_PASSWORD
\getenv metering_password NEFOS_METERING_PASSWORD
\getenv introspection_password NEFOS_INTROSPECTION_PASSWORD
\if :{?identity_password}
\if :{?compute_password}
\if :{?metering_password}
\if :{?introspection_password}
\set passwords_are_set yes
\endif
\endif
\endif
\endif
\if :{?passwords_are_set}
\else
do $$ begin raise exception 'set NEFOS_IDENTITY_PASSWORD, NEFOS_COMPUTE_PASSWORD, NEFOS_METERING_PASSWORD and NEFOS_INTROSPECTION_PASSWORD: roles.sql says how'; end $$;
\endif

create role nefos_identity login password :'identity_password';
create role nefos_compute login password :'compute_password';
create role nefos_metering login password :'metering_password';
create role nefos_introspection login password :'introspection_password';
create database nefos_identity owner nefos_identity;
create database nefos_compute owner nefos_compute;
create database nefos_metering owner nefos_metering;
create database nefos_introspection owner nefos_introspection;
revoke connect on database nefos_identity from public;
revoke connect on database nefos_compute from public;
revoke connect on database nefos_metering from public;
revoke connect on database nefos_introspection from public;
