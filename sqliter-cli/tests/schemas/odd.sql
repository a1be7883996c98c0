-- Names and declarations that SQLite takes and that Rust or the models find hard; of no application.
CREATE TABLE "type" ("self" INTEGER PRIMARY KEY, "fn" TEXT, "2nd place" TEXT, "a-b" TEXT, "a_b" TEXT, "A B" TEXT DEFAULT 'it''s', "say ""hi""" TEXT, pk TEXT);
CREATE TABLE types (id INTEGER PRIMARY KEY, "type" INTEGER REFERENCES "type", "async_id" INTEGER REFERENCES "type"("self") ON DELETE CASCADE, created_at TEXT DEFAULT CURRENT_TIMESTAMP, updated_at DATETIME DEFAULT (datetime('now')));
CREATE TABLE new_types (pk INTEGER PRIMARY KEY AUTOINCREMENT, builder TEXT, "key" TEXT, clone_id INTEGER REFERENCES new_types ON DELETE SET NULL);
CREATE TABLE keys (a INTEGER, b TEXT, c, PRIMARY KEY (b COLLATE NOCASE, a DESC) ON CONFLICT REPLACE);
CREATE TABLE uses_keys (id INTEGER PRIMARY KEY, x INTEGER, y TEXT, FOREIGN KEY (y, x) REFERENCES keys (b, a) ON UPDATE CASCADE);
CREATE TABLE no_key (a, b INTEGER);
CREATE TABLE mixed (id INT PRIMARY KEY NOT NULL, anything, "number" DECIMAL(10,2) NOT NULL ON CONFLICT IGNORE DEFAULT (1 + 1), flag BOOLEAN NOT NULL DEFAULT FALSE, word DEFAULT word, hex INTEGER DEFAULT 0x1F,
    name VARCHAR(20) COLLATE NOCASE UNIQUE ON CONFLICT FAIL CONSTRAINT "short name" CHECK (length(name) < 20 /* letters; not bytes */),
    name_length INT GENERATED ALWAYS AS (length(name)) VIRTUAL, price REAL CHECK(price > 0 -- more than nothing
    ));
CREATE INDEX mixed_lower ON mixed (lower(name) DESC, "number");
CREATE UNIQUE INDEX "mixed by name" ON mixed (name COLLATE BINARY, flag) WHERE flag = 1 AND name <> ';';
CREATE TABLE a (id INTEGER PRIMARY KEY REFERENCES b (id) DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE b (id INTEGER PRIMARY KEY REFERENCES a (id));
CREATE TABLE profile (user_id INTEGER PRIMARY KEY REFERENCES user (id) ON DELETE CASCADE, bio TEXT);
CREATE TABLE user (id INTEGER PRIMARY KEY, boss INTEGER DEFAULT 1 REFERENCES user ON DELETE SET DEFAULT);
CREATE TABLE missing_parent (id INTEGER PRIMARY KEY, other_id INTEGER REFERENCES nowhere (id));
CREATE TABLE real_key (r REAL PRIMARY KEY, t TEXT NOT NULL UNIQUE);
CREATE TABLE nullable_key (k TEXT PRIMARY KEY, v);
CREATE TABLE strict_any (id INTEGER PRIMARY KEY, v ANY, w ANY NOT NULL) STRICT;
CREATE TABLE "größe" ("länge" REAL, "😀" TEXT NOT NULL UNIQUE);
CREATE TABLE nameless ("" TEXT, id INTEGER PRIMARY KEY);
CREATE VIRTUAL TABLE words USING fts5(word, content='');
CREATE VIRTUAL TABLE boxes USING rtree(id, min_x, max_x);
CREATE VIEW broken AS SELECT * FROM nowhere;
CREATE VIEW "odd view" AS SELECT count(*), max(price) AS "max(price)", anything FROM mixed;
CREATE TRIGGER touched AFTER UPDATE ON types BEGIN UPDATE types SET updated_at = datetime('now') WHERE id = NEW.id; END;

INSERT INTO "type" ("self", "fn") VALUES (1, 'x');
INSERT INTO types (id, "type", async_id) VALUES (1, 1, NULL);
INSERT INTO new_types (builder, "key") VALUES ('b', 'k');
INSERT INTO keys VALUES (1, 'x', x'00'), (2, 'x', 'text'), (3, 'y', NULL);
INSERT INTO uses_keys VALUES (1, 1, 'x');
INSERT INTO no_key VALUES (1, NULL), ('x', 2);
INSERT INTO mixed (id, anything, name, price) VALUES (1, 1, 'one', 1.5), (2, 'two', 'two', 2), (3, NULL, NULL, NULL);
INSERT INTO profile VALUES (1, NULL);
INSERT INTO user VALUES (1, NULL), (2, 1);
INSERT INTO real_key VALUES (1.5, 'one and a half');
INSERT INTO nullable_key VALUES (NULL, 1), ('k', 2);
INSERT INTO strict_any VALUES (1, NULL, 'w'), (2, 1.5, x'ff');
INSERT INTO "größe" VALUES (1.0, 'x');
