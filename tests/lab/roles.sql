-- Roles as a house has them: who watches, who works, who may do nothing.
CREATE ROLE monitor LOGIN;
GRANT pg_monitor TO monitor;
CREATE ROLE plain LOGIN;
CREATE ROLE secret LOGIN;
CREATE ROLE limited LOGIN CONNECTION LIMIT 3;
CREATE ROLE app LOGIN;
CREATE ROLE worker LOGIN CONNECTION LIMIT 60;
CREATE ROLE billing LOGIN IN ROLE app;
CREATE ROLE metabase LOGIN IN ROLE pg_read_all_stats, app;
CREATE ROLE cron LOGIN IN ROLE app, worker;
