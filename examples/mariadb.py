"""MariaDB or MySQL: the connection begins in the clear and changes to TLS before it says who we are."""

import os
import ssl

import pymysql

connection = pymysql.connect(
    user="python",
    password=os.environ["PASSWORD"],
    host=os.environ["SERVER"],
    port=int(os.environ["PORT"]),
    database="example",
    ssl=ssl.create_default_context(),  # checks the certificate and the name
)

with connection.cursor() as cursor:
    cursor.execute("SHOW STATUS LIKE 'Ssl_version'")
    print("the server says", cursor.fetchone()[1])

    cursor.execute("CREATE TEMPORARY TABLE cities (name varchar(40), people integer)")
    cursor.executemany("INSERT INTO cities VALUES (%s, %s)", [("Oslo", 717_710), ("Zürich", 447_082)])
    connection.commit()
    cursor.execute("SELECT name, people FROM cities ORDER BY people")
    for name, people in cursor:
        print(f"{name}: {people:,}")

    cursor.execute("SELECT seq, REPEAT('x', 1000) FROM seq_1_to_4000")
    print(f"{sum(len(text) for _, text in cursor.fetchall()):,} characters in {cursor.rowcount:,} rows")

connection.close()
