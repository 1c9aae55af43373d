# Opens CoNLL and CoNLL-U files of ours with the libraries people read them with, and compares with the native manifest of the same source.
#
# pip: conllu==6.0.0 seqeval==1.2.2 (spacy==3.8.7, where it installs, for `spacy convert`)
import json


def manifest(path):
  with open(path, encoding="utf-8") as lines:
    return [sample for sample in map(json.loads, lines) if "key" in sample]


def spans(sample):
  return [(a.get("label"), a["span"]["start"], a["span"]["end"]) for a in sample.get("annotations", []) if "span" in a]


def places(sample):
  """Where each token begins and ends in the text."""
  tokens = sample["tokens"]
  if tokens["places"] != "joined":
    return tokens["places"]
  found, at = [], 0
  for row in tokens["rows"]:
    found.append([at, at + len(row[0])])
    at += len(row[0]) + 1
  return found


def sentences(path):
  """The rows of a column file, comments and beginnings of documents left out."""
  rows = []
  with open(path, encoding="utf-8", newline="\n") as lines:
    for line in lines:
      line = line.rstrip("\r\n")
      if not line.strip():
        if rows:
          yield rows
        rows = []
      elif not line.startswith("-DOCSTART-") and not (line.startswith("# ") and (" = " in line or line.startswith("# id "))):
        rows.append(line.split("\t") if "\t" in line else line.split(" "))
  if rows:
    yield rows


def check_tags(path, native, scheme):
  """The entities that seqeval finds in the last column are those of the manifest."""
  from seqeval.metrics.sequence_labeling import get_entities
  from seqeval.scheme import BILOU, IOB1, IOB2, IOBES, Entities

  strict = {"iob1": IOB1, "iob2": IOB2, "iobes": IOBES, "bilou": BILOU}[scheme]
  found = list(sentences(path))
  samples = [s for s in manifest(native) if s.get("tokens", {}).get("rows")]
  assert len(found) == len(samples), (len(found), len(samples))
  for rows, sample in zip(found, samples):
    assert [row[0] for row in rows] == [row[0] for row in sample["tokens"]["rows"]]
    at = places(sample)
    tags = [row[-1] for row in rows]
    entities = Entities([tags], scheme=strict).entities[0]
    mine = sorted((e.tag, at[e.start][0], at[e.end - 1][1]) for e in entities)
    assert mine == sorted(spans(sample)), (mine, spans(sample))
    if scheme in ("iob2", "iobes"):
      lenient = sorted((tag, at[start][0], at[end][1]) for tag, start, end in get_entities(tags))
      assert lenient == mine, (lenient, mine)


def check_conllu(path, native):
  """The values that conllu reads are those of the manifest, row by row."""
  import conllu

  with open(path, encoding="utf-8") as file:
    found = conllu.parse(file.read())
  samples = manifest(native)
  assert len(found) == len(samples), (len(found), len(samples))
  for tokens, sample in zip(found, samples):
    if "sent_id" in tokens.metadata:
      assert tokens.metadata["sent_id"] == str(sample["id"])
    if "text" in tokens.metadata:
      assert tokens.metadata["text"] == sample["text"]["text"]
    columns = sample["tokens"]["columns"]
    rows = sample["tokens"]["rows"]
    assert [t["form"] for t in tokens] == [row[0] for row in rows]
    if columns[:1] != ["ID"]:
      continue
    for token, row in zip(tokens, rows):
      values = dict(zip(columns, row[1:]))
      given = token["id"]
      assert (str(given) if isinstance(given, int) else "".join(map(str, given))) == values["ID"]
      assert token["lemma"] == values["LEMMA"] or values["LEMMA"] == "_"
      feats = "|".join(f"{k}={v}" for k, v in token["feats"].items()) if token["feats"] else "_"
      assert feats == values["FEATS"], (feats, values)
      misc = "|".join(k if v is None else f"{k}={v}" for k, v in token["misc"].items()) if token["misc"] else "_"
      assert misc == values["MISC"], (misc, values)


def check_spacy(path, native):
  """What `spacy convert` makes of a file in IOB2 has as many entities as the manifest."""
  import pathlib, subprocess, sys, tempfile

  import spacy
  from spacy.tokens import DocBin

  with tempfile.TemporaryDirectory() as folder:
    subprocess.run(
      [sys.executable, "-m", "spacy", "convert", "--converter", "conll", "-n", "1", path, folder], check=True, capture_output=True)
    produced = next(pathlib.Path(folder).glob("*.spacy"))
    docs = list(DocBin().from_disk(produced).get_docs(spacy.blank("xx").vocab))
  assert sum(len(doc.ents) for doc in docs) == sum(len(spans(sample)) for sample in manifest(native))


# Each case: a fixture, the format it is written in, the options of the writer, and the check of that output and of the native manifest.
CASES = [
  ("conll/conll2003", "conll:scheme=iob1", lambda out, native: check_tags(out, native, "iob1")),
  ("conll/conll2003", "conll:scheme=iob2", lambda out, native: check_tags(out, native, "iob2")),
  ("conll/conll2003", "conll:scheme=iobes", lambda out, native: check_tags(out, native, "iobes")),
  ("conll/conll2003", "conll:scheme=bilou", lambda out, native: check_tags(out, native, "bilou")),
  ("conll/bilou", "conll:scheme=iob2", lambda out, native: check_tags(out, native, "iob2")),
  ("conll/wnut", "conll:scheme=iobes", lambda out, native: check_tags(out, native, "iobes")),
  ("conllu/basic", "conllu", check_conllu),
  ("conllu/ranges", "conllu", check_conllu),
  ("conll/bilou", "conllu", check_conllu),
  ("conll/conll2003", "conllu", check_conllu),
]
# Where spaCy installs: ("conll/conll2003", "conll:scheme=iob2,separator=space", check_spacy)
