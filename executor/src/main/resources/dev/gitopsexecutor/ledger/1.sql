CREATE TABLE deployment (
  id INTEGER PRIMARY KEY,
  job INTEGER NOT NULL,
  pipeline INTEGER NOT NULL,
  project_id INTEGER NOT NULL,
  project_path TEXT NOT NULL,
  sha TEXT NOT NULL,
  user_id INTEGER NOT NULL,
  user_login TEXT NOT NULL,
  compose_project TEXT NOT NULL,
  environment TEXT NOT NULL,
  release TEXT NOT NULL,
  images TEXT NOT NULL,
  hosts TEXT NOT NULL,
  secrets TEXT NOT NULL,
  started TEXT NOT NULL,
  finished TEXT NOT NULL,
  outcome TEXT NOT NULL,
  verified INTEGER NOT NULL
) STRICT;
CREATE INDEX deployment_by_environment ON deployment (environment, id);
