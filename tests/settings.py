"""Settings that several tests share."""

EVERY_SETTING = {
    "dataset": "fashion_mnist", "epochs": 7, "batch_size": 128, "optimizer": "sgd", "learning_rate": 0.05,
    "validation_split": 0.3, "momentum": 0.9, "preparation": "l2", "labels": "one_hot", "precision": "bfloat16",
    "augmentation": "light", "non_digits": True, "dataset_share": 0.5, "schedule": "cosine", "early_stopping": 2,
    "time_limit": 60.0, "shuffle": False, "seed": 11,
}  # fmt: skip
"""A value for each setting that is not its default."""
