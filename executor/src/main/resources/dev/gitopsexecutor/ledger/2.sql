CREATE UNIQUE INDEX deployment_by_release ON deployment (release, job);
