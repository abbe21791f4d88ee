BEGIN TRANSACTION;
CREATE TABLE attempts (
            learner TEXT NOT NULL,
            id TEXT NOT NULL,
            at DOUBLE PRECISION NOT NULL,
            day INTEGER NOT NULL,
            lesson TEXT NOT NULL,
            digest TEXT NOT NULL,
            part TEXT NOT NULL,
            step TEXT NOT NULL,
            kind TEXT NOT NULL,
            skill TEXT NOT NULL,
            seed BIGINT,
            made_for TEXT NOT NULL,
            iteration INTEGER NOT NULL,
            sitting TEXT NOT NULL,
            product TEXT NOT NULL,
            cells TEXT NOT NULL,
            verdict TEXT NOT NULL,
            hints INTEGER NOT NULL,
            number INTEGER NOT NULL,
            closed BOOLEAN NOT NULL,
            milliseconds BIGINT NOT NULL,
            PRIMARY KEY (learner, id)
        );
INSERT INTO "attempts" VALUES('minsu','0000000000000001aaaaaaaa',1764000000.0,739579,'one-neuron','d','tape','dL_dW','backward','matmul',NULL,'',0,'lesson','x','["1","2"]','wrong',0,2,1,5);
CREATE TABLE cards (
            learner TEXT NOT NULL,
            skill TEXT NOT NULL,
            data TEXT NOT NULL,
            due DOUBLE PRECISION NOT NULL,
            PRIMARY KEY (learner, skill)
        );
INSERT INTO "cards" VALUES('minsu','matmul','{}',5.0);
CREATE TABLE mistakes (
            learner TEXT NOT NULL,
            attempt TEXT NOT NULL,
            place INTEGER NOT NULL,
            misconception TEXT NOT NULL,
            day INTEGER NOT NULL,
            at DOUBLE PRECISION NOT NULL,
            PRIMARY KEY (learner, attempt, place),
            FOREIGN KEY (learner, attempt) REFERENCES attempts (learner, id)
        );
INSERT INTO "mistakes" VALUES('minsu','0000000000000001aaaaaaaa',0,'m1',739579,1764000000.0);
INSERT INTO "mistakes" VALUES('minsu','0000000000000001aaaaaaaa',1,'m2',739579,1764000000.0);
CREATE TABLE probes (
            learner TEXT NOT NULL,
            misconception TEXT NOT NULL,
            met INTEGER NOT NULL,
            made INTEGER NOT NULL,
            last_made DOUBLE PRECISION NOT NULL,
            PRIMARY KEY (learner, misconception)
        );
INSERT INTO "probes" VALUES('minsu','m1',1,1,1764000000.0);
CREATE TABLE record_versions (
	version INTEGER NOT NULL, 
	since DOUBLE PRECISION NOT NULL, 
	PRIMARY KEY (version)
);
INSERT INTO "record_versions" VALUES(1,1764000000.0);
CREATE INDEX attempts_by_day
        ON attempts (learner, day, skill, verdict, closed, number, hints)
        ;
CREATE INDEX mistakes_by_misconception
        ON mistakes (learner, misconception, day, at)
        ;
COMMIT;
