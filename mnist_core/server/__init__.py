"""What all sessions of one server share: the training queue and the process that loads models."""
