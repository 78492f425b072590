"""The kinds of FAISS index in use, and what each costs.

Measured with 24,000 names in 384 dimensions, one thread, recall among the first 10 against the exact index:

| kind      | bytes a vector | one query | recall |                                        |
|-----------|----------------|-----------|--------|----------------------------------------|
| flat      | 1,536          | 1.0 ms    | 1      | exact                                  |
| flat-fp16 | 768            | 0.6 ms    | 0.9997 | scores within 5e-5                     |
| flat-int8 | 384            | 0.9 ms    | 0.993  | scores within 2e-3                     |
| hnsw      | 1,808          | 0.3 ms    | 0.991  | takes 0.4 ms a vector to build         |
| hnsw-fp16 | 1,040          | 0.2 ms    | 0.991  | takes 0.3 ms a vector to build         |

The time of a flat kind grows with the number of vectors, that of HNSW hardly. Searches and builds use one thread: FAISS's
second thread waits in a loop, which made a query twenty times slower beside other work, and HNSW links that several
threads lay differ from run to run.
"""

from typing import Any, Literal, get_args

Kind = Literal["flat", "flat-fp16", "flat-int8", "hnsw", "hnsw-fp16"]
KINDS: tuple[Kind, ...] = get_args(Kind)

MOST_FLAT = 50_000
MOST_FP16 = 100_000
# Vectors added later may lie outside the range of those that the scale was made from; what is further out is clipped.
INT8_MARGIN = 0.1
HNSW_LINKS = 32
HNSW_EF_BUILD = 200
HNSW_EF_SEARCH = 128


def kind_for(count: int) -> Kind:
    """Return the most exact kind that answers within some 10 ms."""
    if count <= MOST_FLAT:
        return "flat"
    return "flat-fp16" if count <= MOST_FP16 else "hnsw-fp16"


def empty_index(kind: Kind, dimension: int) -> Any:
    """Return an empty inner-product index; `flat-int8` must be trained before it takes vectors."""
    import faiss

    inner = faiss.METRIC_INNER_PRODUCT
    index: Any
    quantizer = faiss.ScalarQuantizer
    if kind == "flat":
        return faiss.IndexFlatIP(dimension)
    if kind == "flat-fp16":
        return faiss.IndexScalarQuantizer(dimension, quantizer.QT_fp16, inner)
    if kind == "flat-int8":
        index = faiss.IndexScalarQuantizer(dimension, quantizer.QT_8bit, inner)
        index.sq.rangestat_arg = INT8_MARGIN
        return index
    library: Any = faiss  # its type hints miss the form with a quantizer's type
    index = (
        library.IndexHNSWFlat(dimension, HNSW_LINKS, inner)
        if kind == "hnsw"
        else library.IndexHNSWSQ(dimension, quantizer.QT_fp16, HNSW_LINKS, inner)
    )
    index.hnsw.efConstruction = HNSW_EF_BUILD
    index.hnsw.efSearch = HNSW_EF_SEARCH
    return index


def one_thread() -> None:
    """Keep FAISS's work of the calling thread in that thread; OpenMP keeps the number for each thread apart."""
    import faiss

    faiss.omp_set_num_threads(1)


def owned(index: Any) -> Any:
    """Return a copy of an index that may be changed; a change to one that is mapped from a file ends the process."""
    import faiss

    return faiss.deserialize_index(faiss.serialize_index(index))
