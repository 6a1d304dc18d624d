"""MQTT: paho's network loop runs in a thread of its own, the program waits for what it brings."""

import os
import queue
import ssl

import paho.mqtt.client as mqtt

inbox = queue.Queue()


def on_connect(client, userdata, flags, reason, properties):
    print("connected:", reason)
    client.subscribe("rooms/+/temperature", qos=1)


def on_subscribe(client, userdata, mid, reasons, properties):
    inbox.put(None)


def on_message(client, userdata, message):
    inbox.put((message.topic, message.payload.decode()))


client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
client.username_pw_set("python", os.environ["PASSWORD"])
client.tls_set_context(ssl.create_default_context())
client.on_connect = on_connect
client.on_subscribe = on_subscribe
client.on_message = on_message
client.connect(os.environ["SERVER"], int(os.environ["PORT"]))
client.loop_start()

inbox.get(timeout=30)  # we are subscribed
for room, temperature in [("kitchen", "21.5"), ("cellar", "12.0")]:
    client.publish(f"rooms/{room}/temperature", temperature, qos=1).wait_for_publish(30)
for _ in range(2):
    topic, payload = inbox.get(timeout=30)
    print(topic, payload)

client.disconnect()
client.loop_stop()
