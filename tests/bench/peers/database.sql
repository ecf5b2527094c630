CREATE DATABASE IF NOT EXISTS bench;
CREATE TABLE IF NOT EXISTS bench.words (id INT PRIMARY KEY, word VARCHAR(32) NOT NULL) ENGINE=InnoDB;
INSERT IGNORE INTO bench.words SELECT seq, CONCAT('word ', LPAD(seq, 5, '0')) FROM mysql.seq_1_to_1000;
CREATE OR REPLACE USER 'bench'@'localhost' IDENTIFIED BY '';
GRANT SELECT ON bench.words TO 'bench'@'localhost';
