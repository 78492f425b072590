"""Boosted trees of LightGBM as an ONNX graph, by the documented form that `Booster.dump_model` gives."""

from typing import Any


def to_onnx(booster: Any) -> bytes:
    """Return a graph from `candidates` (float32, (candidates, features)) to `score`, the sum of all trees' leaves.

    Raises:
        ValueError: a tree has a split that is not numerical.
    """
    from onnx import TensorProto, helper

    nodes: dict[str, list[Any]] = {
        "nodes_treeids": [], "nodes_nodeids": [], "nodes_featureids": [], "nodes_values": [], "nodes_modes": [],
        "nodes_truenodeids": [], "nodes_falsenodeids": [], "target_treeids": [], "target_nodeids": [], "target_ids": [],
        "target_weights": [],
    }  # fmt: skip
    for number, tree in enumerate(booster.dump_model()["tree_info"]):
        _add(tree["tree_structure"], number, [0], nodes)
    count = booster.num_feature()
    attributes: dict[str, Any] = dict(nodes)
    ensemble = helper.make_node(
        "TreeEnsembleRegressor", ["candidates"], ["score"], domain="ai.onnx.ml", n_targets=1, aggregate_function="SUM",
        post_transform="NONE", **attributes,
    )  # fmt: skip
    graph = helper.make_graph(
        [ensemble], "ranker",
        [helper.make_tensor_value_info("candidates", TensorProto.FLOAT, [None, count])],
        [helper.make_tensor_value_info("score", TensorProto.FLOAT, [None, 1])],
    )  # fmt: skip
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid("ai.onnx.ml", 3)]
    content: bytes = helper.make_model(graph, opset_imports=opsets, ir_version=8).SerializeToString()
    return content


def _below(threshold: float) -> float:
    """Return the greatest float32 that is no greater than a threshold, so that no value changes its side."""
    import numpy as np

    rounded = np.float32(threshold)
    return float(rounded if float(rounded) <= threshold else np.nextafter(rounded, np.float32(-np.inf)))


def _add(node: dict[str, Any], tree: int, following: list[int], nodes: dict[str, list[Any]]) -> int:
    """Add a node and all below it; return its number."""
    own = following[0]
    following[0] += 1
    leaf = "leaf_value" in node
    if not leaf and node["decision_type"] != "<=":
        raise ValueError(f"a split by {node['decision_type']}")
    at = len(nodes["nodes_nodeids"])
    for name, value in (
        ("nodes_treeids", tree), ("nodes_nodeids", own), ("nodes_featureids", 0 if leaf else node["split_feature"]),
        ("nodes_values", 0.0 if leaf else _below(node["threshold"])), ("nodes_modes", "LEAF" if leaf else "BRANCH_LEQ"),
        ("nodes_truenodeids", 0), ("nodes_falsenodeids", 0),
    ):  # fmt: skip
        nodes[name].append(value)
    if leaf:
        for name, value in (("target_treeids", tree), ("target_nodeids", own), ("target_ids", 0)):
            nodes[name].append(value)
        nodes["target_weights"].append(float(node["leaf_value"]))
    else:
        nodes["nodes_truenodeids"][at] = _add(node["left_child"], tree, following, nodes)
        nodes["nodes_falsenodeids"][at] = _add(node["right_child"], tree, following, nodes)
    return own
