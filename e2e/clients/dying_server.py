"""A query that never gets its answer: its server's process is killed by who reads the line that this prints."""

import os
import ssl
import sys

import pg8000.native

connection = pg8000.native.Connection(
    user="python",
    password=os.environ["PASSWORD"],
    host=os.environ["SERVER"],
    port=int(os.environ["PORT"]),
    database="postgres",
    ssl_context=ssl.create_default_context(),
)
[[process]] = connection.run("SELECT pg_backend_pid()")
print(f"backend {process};", file=sys.__stdout__, flush=True)
connection.run("SELECT pg_sleep(600)")
