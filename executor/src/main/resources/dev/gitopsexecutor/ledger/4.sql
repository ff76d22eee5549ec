ALTER TABLE deployment ADD COLUMN kind TEXT NOT NULL DEFAULT 'deploy';
CREATE TABLE release_secret (
  environment TEXT NOT NULL,
  project_id INTEGER NOT NULL,
  release TEXT NOT NULL,
  variable TEXT NOT NULL,
  mount TEXT NOT NULL,
  path TEXT NOT NULL,
  key TEXT NOT NULL,
  hash TEXT NOT NULL,
  version INTEGER,
  created TEXT,
  deployed TEXT NOT NULL,
  PRIMARY KEY (environment, project_id, release, variable)
) STRICT, WITHOUT ROWID;
