-- One role and one database per service; nobody reads another's tables. Run as a superuser; set the passwords.
create role nefos_identity login password :'identity_password';
create role nefos_compute login password :'compute_password';
create role nefos_metering login password :'metering_password';
create database nefos_identity owner nefos_identity;
create database nefos_compute owner nefos_compute;
create database nefos_metering owner nefos_metering;
revoke connect on database nefos_identity from public;
revoke connect on database nefos_compute from public;
revoke connect on database nefos_metering from public;
