"""PostgreSQL: the certificate and the name are checked, and the password is bound to this very connection."""

import os
import ssl

import pg8000.native

connection = pg8000.native.Connection(
    user="python",
    password=os.environ["PASSWORD"],
    host=os.environ["SERVER"],
    port=int(os.environ["PORT"]),
    database="postgres",
    # What libpq calls sslmode=verify-full. Without it pg8000 encrypts, and checks nothing.
    ssl_context=ssl.create_default_context(),
)

# Channel binding: the server lets in only who sees the server's own certificate, so nobody can sit in between.
print("logged in by", connection.auth.mechanism_name)

[[protocol]] = connection.run("SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
print("the server says", protocol)

connection.run("CREATE TEMPORARY TABLE cities (name text, people integer)")
for name, people in [("Oslo", 717_710), ("Zürich", 447_082)]:
    connection.run("INSERT INTO cities VALUES (:name, :people)", name=name, people=people)
for name, people in connection.run("SELECT name, people FROM cities ORDER BY people"):
    print(f"{name}: {people:,}")

[[everything]] = connection.run("SELECT string_agg(md5(n::text), '') FROM generate_series(1, 100000) AS n")
print(f"{len(everything):,} characters in one row")
connection.close()
