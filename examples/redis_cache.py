"""Redis: values, a pipeline, and a message from one connection to another."""

import os

import redis

cache = redis.Redis(
    host=os.environ["SERVER"],
    port=int(os.environ["PORT"]),
    password=os.environ["PASSWORD"],
    ssl=True,  # checks the certificate and the name
    decode_responses=True,
)

cache.set("greeting", "hello", ex=60)
print(cache.get("greeting"))

with cache.pipeline() as pipeline:
    pipeline.set("sum", 0)
    for number in range(1000):
        pipeline.incrby("sum", number)
    print("the sum is", pipeline.execute()[-1])

with cache.pubsub(ignore_subscribe_messages=True) as channel:
    channel.subscribe("news")
    channel.get_message(timeout=10)  # the server's word that we are subscribed
    print(cache.publish("news", "it works"), "subscriber")
    print(channel.get_message(timeout=10)["data"])

cache.set("big", "x" * 3_000_000)
print(f"{len(cache.get('big')):,} bytes")
cache.close()
