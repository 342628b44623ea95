"""What blocks, as work.mjs has it."""
import hashlib
import json
import pathlib
import time

SETTINGS = json.loads(pathlib.Path(__file__).with_name("settings.json").read_text())
SALT = SETTINGS["salt"].encode()
COST = {name.lower(): value for name, value in SETTINGS["scrypt"].items()}


def cpu(text):
    return hashlib.scrypt(text.encode(), salt=SALT, dklen=32, **COST).hex()


def sleep(text):
    time.sleep(SETTINGS["nap"] / 1000)
    return text


def add(text):
    return int(text) + 1
