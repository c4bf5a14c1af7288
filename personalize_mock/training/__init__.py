"""Training: selection of the data, fitting, evaluation and hyperparameter optimization of models."""
