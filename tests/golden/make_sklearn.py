#!/usr/bin/env python3
"""Makes sklearn.bin, a safetensors file with what scikit-learn computes of some classifiers' scores.

    make_sklearn.py FILE

It needs scikit-learn, numpy and safetensors; the tests that read the file (tests/metrics/sklearn.cpp) need none of them.
Each case has labels, scores, and the measures of all classes, one against the rest; of some classes the curves. Reports
are in the file's metadata.
"""

import sys
import warnings

import numpy as np
import sklearn
from safetensors.numpy import save_file
from sklearn import metrics as m

random = np.random.default_rng(20260311)
tensors, texts = {}, {}
EPSILON = float(np.finfo(np.float32).eps)


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return (e / e.sum(axis=1, keepdims=True)).astype(np.float32)


def likely(labels, classes, strength):
    """Scores of a classifier that is right more often than not."""
    return softmax(random.normal(size=(len(labels), classes)) + strength * np.eye(classes)[labels])


def ties():
    """Ten classes; probabilities are multiples of 1/8, so that many are equal, and many are 0 or 1."""
    labels = random.integers(0, 10, 120)
    p = 0.2 * np.eye(10)[labels] + 0.08
    return labels, (np.array([random.multinomial(8, row) for row in p]) / 8).astype(np.float32)


def absent():
    """Five classes: 3 has no sample, 4 is never predicted, 1 neither."""
    labels = random.choice([0, 2, 4], 60)
    scores = likely(labels, 5, 1.5)
    scores[:, [1, 4]] /= 16
    return labels, (scores / scores.sum(axis=1, keepdims=True)).astype(np.float32)


def binary():
    labels = random.integers(0, 2, 70)
    positive = np.round(np.clip(random.normal(0.35 + 0.3 * labels, 0.2), 0, 1) * 64) / 64
    return labels, np.stack([1 - positive, positive], axis=1).astype(np.float32)


def ten():
    labels = random.integers(0, 10, 100)
    return labels, likely(labels, 10, 2)


def perfect():
    labels = np.arange(24) % 4
    return labels, np.eye(4, dtype=np.float32)[labels]


def hopeless():
    """Always wrong and sure of it: log loss is what clipping makes of it."""
    labels = np.arange(12) % 3
    return labels, np.eye(3, dtype=np.float32)[(labels + 1) % 3]


def alone():
    """All samples are of one class: there is nothing that it could be told from."""
    labels = np.zeros(5, int)
    return labels, likely(labels, 3, 0)


def double(value):
    return np.atleast_1d(np.asarray(value, np.float64))


def measure(name, labels, scores, curves):
    classes = scores.shape[1]
    every = list(range(classes))
    one_hot = np.eye(classes, dtype=int)[labels]
    predicted = scores.argmax(axis=1)

    def put(key, value):
        tensors[f"{name}/{key}"] = np.ascontiguousarray(value)

    put("labels", labels.astype(np.int32))
    put("scores", scores)
    put("confusion", m.confusion_matrix(labels, predicted, labels=every).astype(np.int64))
    put("accuracy", double(m.accuracy_score(labels, predicted)))
    options = {"labels": every, "zero_division": 0}
    put("per_class", np.stack(m.precision_recall_fscore_support(labels, predicted, **options)[:3]).astype(np.float64))
    for average in "macro", "weighted":
        put(average, double(m.precision_recall_fscore_support(labels, predicted, average=average, **options)[:3]))
    if (predicted == labels).any():  # else scikit-learn 1.9 writes supports as 4.0 instead of 4
        names = [f"klasse Nº {c}, größer" if c == 1 else f"c{c}" for c in every]
        for digits in 2, 4, 0, 14:
            texts[f"{name}/report_{digits}"] = m.classification_report(labels, predicted, digits=digits, **options)
        named = m.classification_report(labels, predicted, target_names=names, digits=3, **options)
        texts[f"{name}/report_names"] = named

    if classes > 2:  # of two classes scikit-learn takes one score a sample
        put("top_k", double([m.top_k_accuracy_score(labels, scores, k=k, labels=every) for k in range(1, classes)]))
    put("log_loss_in_floats", double(m.log_loss(labels, scores, labels=every)))
    in_doubles = np.clip(scores.astype(np.float64), EPSILON, 1 - EPSILON)
    put("log_loss", double(m.log_loss(labels, in_doubles, labels=every)))

    put("auc", double([m.roc_auc_score(one_hot[:, c], scores[:, c]) for c in every]))
    put("ap", double([m.average_precision_score(one_hot[:, c], scores[:, c]) for c in every]))
    averages = "macro", "weighted", "micro"
    put("auc_averages", double([m.roc_auc_score(one_hot, scores, average=a) for a in averages]))
    put("ap_averages", double([m.average_precision_score(one_hot, scores, average=a) for a in averages]))
    for c in curves:
        for key, drop in ("corners", True), ("all", False):
            put(f"roc_{key}/{c}", np.stack(m.roc_curve(one_hot[:, c], scores[:, c], drop_intermediate=drop)))
        precision, recall, thresholds = m.precision_recall_curve(one_hot[:, c], scores[:, c])
        put(f"pr/{c}", np.stack([precision, recall, np.append(thresholds, np.nan)]).astype(np.float64))


def main():
    warnings.simplefilter("ignore")  # of classes without samples
    cases = {"ties": (ties, [0, 7]), "absent": (absent, [1, 3, 4]), "binary": (binary, [0, 1]), "ten": (ten, [2]),
             "perfect": (perfect, [3]), "hopeless": (hopeless, [0]), "alone": (alone, [0, 1])}
    for name, (make, curves) in cases.items():
        measure(name, *make(), curves)
    texts["made_by"] = f"scikit-learn {sklearn.__version__}, numpy {np.__version__}"
    save_file(tensors, sys.argv[1], texts)
    print(f"{sys.argv[1]}: {len(tensors)} tensors by {texts['made_by']}")


if __name__ == "__main__":
    main()
