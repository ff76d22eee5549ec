ALTER TABLE deployment ADD COLUMN variables TEXT;
CREATE TABLE secret_value (
  mount TEXT NOT NULL,
  path TEXT NOT NULL,
  key TEXT NOT NULL,
  hash TEXT NOT NULL,
  first_version INTEGER NOT NULL,
  first_created TEXT NOT NULL,
  last_version INTEGER NOT NULL,
  last_seen TEXT NOT NULL,
  PRIMARY KEY (mount, path, key, hash)
) STRICT, WITHOUT ROWID;
CREATE TABLE deployed_secret (
  environment TEXT NOT NULL,
  project_id INTEGER NOT NULL,
  variable TEXT NOT NULL,
  mount TEXT NOT NULL,
  path TEXT NOT NULL,
  key TEXT NOT NULL,
  hash TEXT NOT NULL,
  version INTEGER,
  created TEXT,
  deployed TEXT NOT NULL,
  PRIMARY KEY (environment, project_id, variable)
) STRICT, WITHOUT ROWID;
