-- Made from the papers and the authority records, and made again whenever those change: nothing here is a source. Run
-- on every catalogue that is opened for writing, so that homes written before these tables were thought of get them too.
CREATE INDEX IF NOT EXISTS paper_newest ON paper (year DESC, id);
CREATE INDEX IF NOT EXISTS paper_indexed ON paper (indexed) WHERE indexed IS NOT NULL;
CREATE INDEX IF NOT EXISTS affiliation_key ON affiliation (key, organization_id, paper);
-- What each affiliation string without an organization of its own names: one row at least, so that it is known to be
-- done; a string may name several institutions.
CREATE TABLE IF NOT EXISTS affiliation_link (
  key TEXT NOT NULL, place INTEGER NOT NULL, organization_id TEXT, country_code TEXT,
  score REAL NOT NULL,            -- how probable it is that the organization is right; 0 without one
  method TEXT NOT NULL,           -- how the organization was found; 'none' without one
  PRIMARY KEY (key, place)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS affiliation_link_organization ON affiliation_link (organization_id)
  WHERE organization_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS affiliation_link_country ON affiliation_link (country_code) WHERE country_code IS NOT NULL;
-- The records above each organization of a paper: its parent, that one's parent, and so on.
CREATE TABLE IF NOT EXISTS organization_within (
  within TEXT NOT NULL, organization_id TEXT NOT NULL, PRIMARY KEY (within, organization_id)
) WITHOUT ROWID;
-- Papers that an unfinished rebuild is done with, and their new document vectors, empty where those are not made.
CREATE TABLE IF NOT EXISTS staged (paper INTEGER PRIMARY KEY REFERENCES paper ON DELETE CASCADE, vector BLOB NOT NULL);
