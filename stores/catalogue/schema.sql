-- SQLite is the source of truth. Text is kept once, in `paper`; passages are offsets into it, and the full-text
-- indexes are external-content tables that hold only their inverted lists.
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE paper (
  rowid INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  title TEXT NOT NULL,
  abstract TEXT NOT NULL,
  full_text TEXT NOT NULL,
  year INTEGER,
  doi TEXT,                       -- in lower case, without the address of a resolver
  venue TEXT,
  venue_key TEXT NOT NULL,
  cited_by_count INTEGER,
  record TEXT NOT NULL,           -- the rest of the record, as JSON
  digest TEXT NOT NULL,           -- of the record and the chunking settings
  indexed TEXT                    -- name of the embedder whose vectors are in the indexes; NULL while they are not
);
CREATE INDEX paper_doi ON paper (doi) WHERE doi IS NOT NULL;
CREATE INDEX paper_year ON paper (year);
CREATE INDEX paper_pending ON paper (rowid) WHERE indexed IS NULL;
CREATE INDEX paper_venue ON paper (venue_key);
CREATE TABLE author (
  paper INTEGER NOT NULL REFERENCES paper ON DELETE CASCADE, position INTEGER NOT NULL, id TEXT NOT NULL,
  name TEXT NOT NULL, key TEXT NOT NULL, PRIMARY KEY (paper, position)
) WITHOUT ROWID;
CREATE INDEX author_id ON author (id);
CREATE INDEX author_key ON author (key);
CREATE TABLE affiliation (
  rowid INTEGER PRIMARY KEY, paper INTEGER NOT NULL REFERENCES paper ON DELETE CASCADE, position INTEGER NOT NULL,
  text TEXT NOT NULL, key TEXT NOT NULL, organization_id TEXT, country_code TEXT
);
CREATE INDEX affiliation_paper ON affiliation (paper);
CREATE INDEX affiliation_organization ON affiliation (organization_id) WHERE organization_id IS NOT NULL;
CREATE INDEX affiliation_country ON affiliation (country_code) WHERE country_code IS NOT NULL;
CREATE VIRTUAL TABLE affiliation_fts USING fts5 (key, content='affiliation', content_rowid='rowid');
CREATE TABLE funding (
  paper INTEGER NOT NULL REFERENCES paper ON DELETE CASCADE, position INTEGER NOT NULL, id TEXT, key TEXT NOT NULL,
  PRIMARY KEY (paper, position)
) WITHOUT ROWID;
CREATE INDEX funding_id ON funding (id) WHERE id IS NOT NULL;
CREATE INDEX funding_key ON funding (key);
CREATE TABLE topic (
  paper INTEGER NOT NULL REFERENCES paper ON DELETE CASCADE, position INTEGER NOT NULL, id TEXT, key TEXT NOT NULL,
  PRIMARY KEY (paper, position)
) WITHOUT ROWID;
CREATE INDEX topic_id ON topic (id) WHERE id IS NOT NULL;
CREATE INDEX topic_key ON topic (key);
CREATE TABLE passage (
  rowid INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, paper INTEGER NOT NULL REFERENCES paper ON DELETE CASCADE,
  ordinal INTEGER NOT NULL, section TEXT NOT NULL, start INTEGER NOT NULL, "end" INTEGER NOT NULL
);
CREATE INDEX passage_paper ON passage (paper);
CREATE VIRTUAL TABLE passage_fts USING fts5 (
  title, text, names, content='', tokenize="porter unicode61 remove_diacritics 2"
);
CREATE TABLE document_vector (paper INTEGER PRIMARY KEY REFERENCES paper ON DELETE CASCADE, vector BLOB NOT NULL);
-- What a derived index must still forget: passage ids of papers that changed or went.
CREATE TABLE obsolete (passage_id TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE authority (
  rowid INTEGER PRIMARY KEY, type TEXT NOT NULL, id TEXT NOT NULL, name TEXT NOT NULL, country_code TEXT,
  prior REAL NOT NULL, status TEXT NOT NULL, facts TEXT NOT NULL,
  source TEXT NOT NULL,           -- 'registry', or 'papers' when only a paper's metadata names it
  digest TEXT NOT NULL,
  UNIQUE (type, id)
);
CREATE TABLE name (
  rowid INTEGER PRIMARY KEY AUTOINCREMENT, authority INTEGER NOT NULL REFERENCES authority ON DELETE CASCADE, type TEXT NOT NULL,
  text TEXT NOT NULL, key TEXT NOT NULL, kind TEXT NOT NULL
);
CREATE INDEX name_key ON name (key, type);
CREATE INDEX name_authority ON name (authority);
CREATE VIRTUAL TABLE name_fts USING fts5 (key, content='name', content_rowid='rowid');
