"""What R, MATLAB, Excel, pandas, networkx and BIDS write is read; what may be two things is not."""

from __future__ import annotations

import numpy as np
import pytest

from engine.brain.connectome import (
    check_connectome,
    connectome_findings,
    load_connectome,
    read_connectome,
    read_connectome_files,
)
from engine.errors import DataError

LABELS = ("L_a", "L_b", "R_a")
WEIGHTS = np.array([[0, 1.5, 2], [4, 0, 3], [5, 6.25, 0]])
PLAIN = "0,1.5,2\n4,0,3\n5,6.25,0\n"


def read(text: str, name: str = "m.csv", **beside: str):
    companions = {f"m_{k}.csv": v.encode() for k, v in beside.items()}
    return read_connectome(text.encode(), name, companions)


def refusal(text: str | bytes, name: str = "m.csv", **beside: str) -> str:
    data = text if isinstance(text, bytes) else text.encode()
    with pytest.raises(DataError) as caught:
        read_connectome(data, name, {f"m_{k}.csv": v.encode() for k, v in beside.items()})
    return str(caught.value)


def said(brain) -> str:
    return "; ".join(note.said for note in brain.notes)


SAME = {
    "R's write.csv": '"","V1","V2","V3"\n"1",0,1.5,2\n"2",4,0,3\n"3",5,6.25,0\n',
    "R's write.table": '"V1" "V2" "V3"\n"1" 0 1.5 2\n"2" 4 0 3\n"3" 5 6.25 0\n',
    "R's own names": '"","L_a","L_b","R_a"\n"1",0,1.5,2\n"2",4,0,3\n"3",5,6.25,0\n',
    "R's names of columns": '"","X1a","L.b","Rä"\n"1a",0,1.5,2\n"L-b",4,0,3\n"Rä",5,6.25,0\n',
    "Excel's separator line": "sep=;\n0;1,5;2\n4;0;3\n5;6,25;0\n",
    "decimal commas": "0,0;1,5;2,0\n4,0;0,0;3,0\n5,0;6,25;0,0\n",
    "decimal commas between blanks": "0,0 1,5 2,0\n4,0 0,0 3,0\n5,0 6,25 0,0\n",
    "quoted decimal commas": '"0","1,5","2"\n"4","0","3"\n"5","6,25","0"\n',
    "Fortran": "0d0 1.5D+00 2d0\n4d0 0d0 .3d1\n5d0 62.5d-1 0d0\n",
    "MATLAB's save -ascii": "  0.0e+00  1.5e+00  2.0e+00\n  4 0 3\n  5 6.25 0\n",
    "MATLAB's writetable": "Var1,Var2,Var3\n" + PLAIN,
    "MATLAB's comments": "% from a scanner\n" + PLAIN,
    "pandas": ",0,1,2\n0,0.0,1.5,2.0\n1,4.0,0.0,3.0\n2,5.0,6.25,0.0\n",
    "pandas without an index": "0,1,2\n" + PLAIN,
    "an index column": "1,0,1.5,2\n2,4,0,3\n3,5,6.25,0\n",
    "an index column with a header": "index,L_a,L_b,R_a\n0,0,1.5,2\n1,4,0,3\n2,5,6.25,0\n",
    "numbers and labels": "matrix_index,label,L_a,L_b,R_a\n0,L_a,0,1.5,2\n1,L_b,4,0,3\n2,R_a,5,6.25,0\n",
    "an edge list of names": "source,target,weight\nL_b,L_a,1.5\nR_a,L_a,2\nL_a,L_b,4\n"
    "R_a,L_b,3\nL_a,R_a,5\nL_b,R_a,6.25\n",
    "an edge list of numbers": "1 0 1.5\n2 0 2\n0 1 4\n2 1 3\n0 2 5\n1 2 6.25\n",
    "Gephi": "Source;Target;Type;Id;Label;Weight\n"
    + "".join(
        f"{j + 1};{i + 1};Directed;{i}{j};;{WEIGHTS[i, j]}\n" for j in range(3) for i in range(3) if i != j
    ),
}


@pytest.mark.parametrize("dialect", SAME)
def test_the_same_weights_come_out_of_every_dialect(dialect):
    brain = read(SAME[dialect])
    order = [brain.labels.index(a) for a in LABELS] if set(LABELS) == set(brain.labels) else None
    weights = brain.weights if order is None else brain.weights[np.ix_(order, order)]
    assert np.array_equal(weights, WEIGHTS)


def test_utf_16_as_excel_writes_it_is_read():
    assert np.array_equal(
        read_connectome(PLAIN.replace(",", "\t").encode("utf-16"), "m.txt").weights, WEIGHTS
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (SAME["Excel's separator line"], ("'sep=;'", "decimal comma")),
        (SAME["an index column"], ("first column counts the rows",)),
        (SAME["an edge list of names"], ("an edge list of 6 edges, each from source to target",)),
        ("source,target,weight\na,b,1\nb,c,2\n", ("no pair is given both ways",)),
        ("Source,Target,Type,Weight\na,b,Undirected,1\n", ("undirected edges, each taken both",)),
        ("0,1,2\n0,0,3\n0,0,0\n", ("lower triangle of the weights empty, the other one mirrored",)),
        ("0,5\n5,0\n", ("not taken for decimal commas",)),
    ],
)
def test_what_was_decided_is_noted(text, words):
    brain = read(text)
    for word in words:
        assert word in said(brain)
        assert word in brain.source
    assert not any(word in said(read(PLAIN)) for word in words)


def test_an_edge_list_runs_from_source_to_target():
    brain = read("source,target,weight,length\na,b,2,40\nb,c,3,50\nc,a,4,60\n")
    assert brain.labels == ("a", "b", "c")
    assert brain.weights[1, 0] == 2
    assert brain.weights[0, 1] == 0
    assert brain.tract_lengths[1, 0] == 40


def test_nodes_that_are_numbers_take_their_labels_from_the_file_beside():
    brain = read("1 0 5\n0 1 5\n3 0 2\n0 3 2\n", labels="a\nb\nc\nd\n")
    assert brain.labels == tuple("abcd")
    assert brain.weights[3, 0] == 2
    assert not brain.weights[2].any()
    assert "must have a label for each node" in refusal("1 0 5\n0 1 5\n3 0 2\n0 3 2\n", labels="a\nb\n")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1,2,3.5\n2,1,3.5\n3,1,1\n", "must be a matrix or an edge list, and may be both"),
        ("row,col,value\n1,2,3\n2,1,3\n1,3,2\n", "must name regions in its header"),
        ("from_region,to_region,n\nA,B,3\nB,A,3\nB,C,1\n", "must name regions in its header"),
        ("source,target\na,b\nb,a\nb,c\n", "must have a column of weights"),
        ("source,target,weight\na,b,1\na,b,2\n", "must name each pair once (got 'a b' again"),
        ("0;1,000\n3;0\n", "part thousands; write a decimal point"),
        ('0,"1,000"\n"2,000",0\n', "may be a decimal comma or part thousands"),
        ("0;1,5\n2.5;0\n", "must write decimals one way"),
        ("0;1.234,5\n2;0\n", "without thousands marks"),
        ("1 000,2\n3,0\n", "without blanks or marks between the digits"),
        ("0,NA\n1,0\n", "Write 0 where there is no tract"),
        ("0,,1\n1,0,1\n1,1,0\n", "an empty cell is not taken for it"),
        ("0,0\n0,0\n", "must hold a weight above 0 between two regions (got zeros only)"),
        ("1_0,2\n1,0\n", "must"),
        (
            "\n".join(",".join(str(i + j) for j in range(12)) for i in range(12)),
            "must hold weights in its first row and column (got numbers in order)",
        ),
    ],
)
def test_what_may_be_two_things_is_refused_with_a_hint(text, words):
    assert words in refusal(text)


@pytest.mark.parametrize(
    ("name", "hint"),
    [("m.xlsx", "Save the sheet as CSV"), ("m.mat", "writematrix"), ("m.graphml", "edge list")],
)
def test_a_foreign_file_gets_the_way_out(name, hint):
    assert hint in refusal(b"x", name)


@pytest.mark.parametrize(
    "labels",
    [
        "L_a\nL_b\nR_a\n",
        "L_a,L_b,R_a\n",
        "L_a L_b R_a",
        "index,label\n1,L_a\n2,L_b\n3,R_a\n",
        "index,label\n3,R_a\n1,L_a\n2,L_b\n",
        '"","x"\n"1","L_a"\n"2","L_b"\n"3","R_a"\n',
        "1001 L_a 25 5 25 0\n1002 L_b 2 5 5 0\n1003 R_a 9 5 2 0\n",
        "# names\nlabel\nL_a\nL_b\nR_a",
    ],
)
def test_labels_are_read_in_a_column_a_row_or_a_table(labels):
    assert read(PLAIN, labels=labels).labels == LABELS


def test_labels_with_blanks_stay_whole():
    assert read(PLAIN, labels="Left A\nLeft B\nRight A\n").labels == ("Left A", "Left B", "Right A")


@pytest.mark.parametrize(
    "centres",
    [
        "L_a,-3,0,1\nL_b,-4,0,2\nR_a,3,0,1\n",
        "-3 0 1\n-4 0 2\n3 0 1\n",
        "index,label,x,y,z\n1,L_a,-3,0,1\n2,L_b,-4,0,2\n3,R_a,3,0,1\n",
        '"","name","x.mni","y.mni","z.mni","hemi"\n"1","L_a",-3,0,1,"L"\n"2","L_b",-4,0,2,"L"\n'
        '"3","R_a",3,0,1,"R"\n',
        "label;x;y;z\nL_a;-3,0;0,0;1,0\nL_b;-4,0;0,0;2,0\nR_a;3,0;0,0;1,0\n",
        "R_a\t3\t0\t1\nL_a\t-3\t0\t1\nL_b\t-4\t0\t2\n",
    ],
)
def test_centres_are_read_in_every_layout(centres):
    rows = [f"{a},{row}" for a, row in zip(LABELS, PLAIN.split(), strict=True)]
    brain = read("\n".join(["," + ",".join(LABELS), *rows]), centres=centres)
    assert brain.centres.tolist() == [[-3, 0, 1], [-4, 0, 2], [3, 0, 1]]
    assert brain.labels == LABELS


def test_what_is_there_and_says_nothing_is_taken_for_missing():
    zeros = "0,0,0\n0,0,0\n0,0,0\n"
    brain = read(PLAIN, centres="a,0,0,0\nb,0,0,0\nc,0,0,0\n", lengths=zeros, fc=zeros, cortical="0\n0\n0\n")
    assert np.ptp(brain.centres, axis=0)[:2].min() > 0
    assert brain.tract_lengths[0, 1] > 0
    assert brain.fc_matrix is None
    assert brain.cortical.all()
    assert {n.field for n in brain.notes if n.kind == "dismissed"} == {
        "centres",
        "tract_lengths",
        "fc_matrix",
        "cortical",
    }
    one_side = read(PLAIN, labels="\n".join(LABELS), hemispheres="0\n0\n0\n")
    assert one_side.hemisphere == ("L", "L", "R")
    assert "one hemisphere" in said(one_side)


@pytest.mark.parametrize("words", ["1 1 0", "True\nTrue\nFalse", "side\nR\nright\nlh"])
def test_hemispheres_are_told_in_words_or_numbers(words):
    assert read(PLAIN, hemispheres=words).hemisphere == ("R", "R", "L")


def test_two_companions_for_one_part_are_refused_by_name(tmp_path):
    for name in ("m.csv", "m_labels.csv", "m_labels.txt"):
        (tmp_path / name).write_text(PLAIN if name == "m.csv" else "\n".join(LABELS))
    (problem,) = check_connectome(tmp_path / "m.csv")
    assert problem == ("m.csv: must have one file of labels beside it (got m_labels.csv, m_labels.txt).")


def test_delays_from_made_up_lengths_are_said():
    bare = read(PLAIN)
    assert "delays come from made-up lengths" in bare.as_json("tract")["notes"][-1]["said"]
    placed = read(PLAIN, centres="1,0,0\n2,0,0\n3,1,0\n")
    assert "straight distances" in placed.as_json("tract")["notes"][-1]["said"]
    assert bare.notes_for("none") == bare.notes
    whole = read(PLAIN, lengths="0,9,8\n9,0,7\n8,7,0\n")
    assert whole.notes_for("tract") == whole.notes
    assert bare.checksum == read(SAME["Fortran"]).checksum


def relmat(values, corner: str = "Node") -> str:
    rows = ["\t".join([corner, *LABELS])]
    rows += ["\t".join([a, *map(str, row)]) for a, row in zip(LABELS, values, strict=True)]
    return "\n".join(rows) + "\n"


LENGTHS = [[0, 50, 70], [50, 0, 90], [70, 90, 0]]
FC = [[1, 0.5, 0.2], [0.5, 1, 0.3], [0.2, 0.3, 1]]
STEM = "sub-01_seg-X_stat-{}_relmat.tsv"
BIDS = {
    STEM.format("meanlength"): relmat(LENGTHS),
    STEM.format("pearsoncorrelation"): relmat(FC),
    STEM.format("streamlinecount"): relmat(WEIGHTS),
}


def folder(tmp_path, files):
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def assert_bids(brain):
    assert brain.labels == LABELS
    assert np.array_equal(brain.weights, WEIGHTS)
    assert np.array_equal(brain.tract_lengths, LENGTHS)
    assert np.array_equal(brain.fc_matrix, FC)


def test_bids_matrices_are_taken_for_what_their_names_say(tmp_path):
    brain = load_connectome(folder(tmp_path, BIDS))
    assert_bids(brain)
    for name in BIDS:
        assert name in brain.source
    assert_bids(read_connectome_files({name: text.encode() for name, text in BIDS.items()}))


def test_the_description_beside_a_matrix_tells_what_its_name_does_not(tmp_path):
    files = {"x_relmat.tsv": relmat(WEIGHTS), "x_relmat.json": '{"RelationshipMeasure": "streamlineCount"}'}
    assert np.array_equal(load_connectome(folder(tmp_path, files)).weights, WEIGHTS)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({STEM.format("streamlinecount"): None}, "a relmat of weights: must be there"),
        (
            {STEM.format("streamlinecount"): None, STEM.format("fa"): relmat(WEIGHTS)},
            "a relmat of weights: must be there",
        ),
        ({STEM.format("siftcount"): relmat(WEIGHTS)}, "must hold one matrix of weights"),
        ({STEM.format("tractlength"): relmat(WEIGHTS)}, "must hold one matrix of tract lengths"),
        (
            {STEM.format("streamlinecount").replace("01", "02"): relmat(WEIGHTS)},
            "must hold one subject, session and atlas (got sub-01 atlas-X, sub-02 atlas-X)",
        ),
        (
            {"sub-02_seg-Y_nodeindices.tsv": "matrix_index\tlabel\n0\ta\n1\tb\n2\tc\n"},
            "nodeindices: must belong to the matrices of sub-01 atlas-X",
        ),
        ({"seg-X_nodeindices.tsv": "matrix_index\tlabel\n0\ta\n1\tb\n2\tc\n"}, "must have the labels of"),
        (
            {"seg-X_nodeindices.tsv": "matrix_index\tlabel\n0\tL_a\n1\tL_b\n7\tR_a\n"},
            "must number the rows of the matrix in matrix_index, each once",
        ),
    ],
)
def test_a_bids_folder_that_is_not_clear_is_refused_by_name(tmp_path, changes, words):
    files = {name: text for name, text in (BIDS | changes).items() if text is not None}
    problems = check_connectome(folder(tmp_path, files))
    assert words in problems[0]
    assert all("weights" not in p or ".tsv" in p for p in problems)


def test_a_bids_measure_that_is_not_known_is_left_out_by_name(tmp_path):
    problems, notes = connectome_findings(
        folder(tmp_path, BIDS | {STEM.format("partialcorrelation"): relmat(FC)})
    )
    assert problems == []
    assert f"{STEM.format('partialcorrelation')} left unread" in notes[0].said


def test_nodes_are_put_where_their_matrix_index_says(tmp_path):
    bare = "\n".join("\t".join(map(str, row)) for row in WEIGHTS)
    nodes = "matrix_index\tlabel\n2\tR_a\n0\tL_a\n1\tL_b\n"
    files = {STEM.format("streamlinecount"): bare, "seg-X_nodeindices.tsv": nodes}
    assert load_connectome(folder(tmp_path, files)).labels == LABELS


def test_a_folder_of_unzipped_tvb_files_is_read(tmp_path):
    files = {
        "weights.txt": PLAIN.replace(",", " "),
        "tract_lengths.txt": "",
        "centres.txt": "L_a\t-3\t0\t1\nL_b\t-4\t0\t2\nR_a\t3\t0\t1\n",
        "README.md": "not read",
    }
    brain = load_connectome(folder(tmp_path, files))
    assert brain.labels == LABELS
    assert np.array_equal(brain.weights, WEIGHTS)
    assert "tract_lengths.txt is empty" in said(brain)


def test_files_that_do_not_belong_together_are_refused():
    with pytest.raises(DataError, match="must belong together"):
        read_connectome_files({"a.csv": PLAIN.encode(), "b.csv": PLAIN.encode()})


def test_one_correlation_between_two_regions_is_kept():
    assert read("0,1\n2,0\n", fc="1,0.5\n0.5,1\n").fc_matrix[0, 1] == 0.5
