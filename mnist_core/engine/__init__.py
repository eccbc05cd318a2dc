"""The only folder that imports TensorFlow. Importing this package alone does not; its modules do."""

import os

# Read by TensorFlow and Keras when they are first imported, so they are set before any module here can do so.
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
