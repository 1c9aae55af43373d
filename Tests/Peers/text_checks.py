"""What other tools read from texts with labels, compared by value with the native manifest of the same source.

Each check takes the manifest and the file that the tool wrote, and raises Mismatch where anything differs.
"""

import csv
import json
from pathlib import Path

from checks import Mismatch, expect  # noqa: F401


def samples_of(manifest):
    lines = Path(manifest).read_text(encoding="utf-8").split("\n")
    return [record for record in map(json.loads, filter(None, lines)) if "waybill" not in record]


def spans_of(sample):
    marks = [mark for mark in sample.get("annotations", []) if "span" in mark]
    return [(mark["span"]["start"], mark["span"]["end"], mark.get("label")) for mark in marks]


def classes_of(sample):
    places = ("span", "link", "text")
    return [mark["label"] for mark in sample.get("annotations", []) if not any(place in mark for place in places)]


def records_of(output):
    return [json.loads(line) for line in Path(output).read_text(encoding="utf-8").split("\n") if line]


def matched(manifest, output):
    samples, records = samples_of(manifest), records_of(output)
    expect(len(samples) == len(records), f"{len(records)} records instead of {len(samples)}")
    for sample, record in zip(samples, records):
        expect(record["text"] == sample["text"]["text"], f"{sample['key']}: another text")
        yield sample, record


def spans_in(record):
    """The spans of a record in any of the dialects."""
    found = []
    for key in ("label", "entities", "spans"):
        for item in record.get(key) or []:
            if isinstance(item, list):
                found.append(tuple(item[:3]))
            elif isinstance(item, dict):
                start, end = item.get("start", item.get("start_offset")), item.get("end", item.get("end_offset"))
                found.append((start, end, item.get("label")))
    return found


def spans_with_spacy(manifest, output):
    """spaCy: the characters of each span, as `char_span` of a blank model cuts them out, with their label."""
    import spacy

    nlp = spacy.blank("xx")
    for sample, record in matched(manifest, output):
        doc = nlp.make_doc(record["text"])
        spans, expected = spans_in(record), spans_of(sample)
        expect(sorted(map(str, spans)) == sorted(map(str, expected)), f"{sample['key']}: {spans} instead of {expected}")
        for start, end, label in spans:
            span = doc.char_span(start, end, label=label or "", alignment_mode="expand")
            expect(span is not None, f"{sample['key']}: spaCy finds no span at {start} to {end}")
            expect(sample["text"]["text"][start:end] in span.text, f"{sample['key']}: spaCy cuts out {span.text!r}")
            expect(span.label_ == (label or ""), f"{sample['key']}: spaCy says {span.label_!r}")


def examples_with_spacy(manifest, output):
    """spaCy: records of its dialect make training examples, with entities and categories as the manifest has them."""
    import spacy
    from spacy.training import Example

    nlp = spacy.blank("xx")
    for sample, record in matched(manifest, output):
        marks = {"entities": [tuple(item[:3]) for item in record.get("entities", [])], "cats": record.get("cats", {})}
        example = Example.from_dict(nlp.make_doc(record["text"]), marks)
        expect(sorted(k for k, v in example.reference.cats.items() if v) == sorted(classes_of(sample)), f"{sample['key']}: {example.reference.cats}")
        # Entities that do not begin and end with tokens of the blank model are left out by spaCy.
        entities = [(span.start_char, span.end_char, span.label_) for span in example.reference.ents]
        expect(set(entities) <= set(spans_of(sample)), f"{sample['key']}: {entities}")


def tokens_with_spacy(manifest, output):
    """spaCy: tokens and their spaces make the text again."""
    import spacy
    from spacy.tokens import Doc

    vocab = spacy.blank("xx").vocab
    for sample, record in matched(manifest, output):
        tokens = record.get("tokens")
        rows = sample.get("tokens", {}).get("rows", [])
        expect([token["text"] for token in tokens or []] == [row[0] for row in rows], f"{sample['key']}: other tokens")
        if tokens and all("ws" in token for token in tokens):
            doc = Doc(vocab, words=[token["text"] for token in tokens], spaces=[token["ws"] for token in tokens])
            expect(doc.text == record["text"] or "  " in record["text"], f"{sample['key']}: spaCy reads {doc.text!r}")


def tags_with_seqeval(manifest, output):
    """seqeval: the entities of the tags, as it finds them, at the characters where their tokens stand between spaces."""
    from seqeval.metrics.sequence_labeling import get_entities

    samples, records = samples_of(manifest), records_of(output)
    expect(len(records) == len(samples), f"{len(records)} records instead of {len(samples)}")
    for sample, record in zip(samples, records):
        words = record["tokens"]
        expect(words == [cells[0] for cells in sample["tokens"]["rows"]], f"{sample['key']}: the tokens {words}")
        starts, at = [], 0
        for word in words:
            starts.append(at)
            at += len(word) + 1
        found = [(starts[first], starts[last] + len(words[last]), label) for label, first, last in get_entities(record["ner_tags"])]
        expect(found == spans_of(sample), f"{sample['key']}: the entities {found}")


def words_with_json(manifest, output):
    """json: the text is the tokens with a space between two, and the spans are those of the source."""
    for sample, record in matched(manifest, output):
        expect(" ".join(record["tokens"]) == record["text"], f"{sample['key']}: the tokens {record['tokens']}")
        expect(spans_in(record) == spans_of(sample), f"{sample['key']}: the spans {spans_in(record)}")


def classes_of_cell(cell):
    return json.loads(cell) if cell.startswith("[") else [cell] if cell else []


def expect_rows(manifest, rows):
    samples = samples_of(manifest)
    expect(len(samples) == len(rows), f"{len(rows)} rows instead of {len(samples)}")
    for sample, row in zip(samples, rows):
        expect(row["text"] == sample["text"]["text"], f"{sample['key']}: the text {row['text']!r}")
        label = row.get("label", row.get("labels", "")) or ""
        expect(classes_of_cell(label) == classes_of(sample), f"{sample['key']}: the label {label!r}")


def table_with_csv(manifest, output):
    """csv: the texts and labels of all rows."""
    with open(output, encoding="utf-8", newline="") as file:
        expect_rows(manifest, list(csv.DictReader(file)))


def table_with_pandas(manifest, output):
    """pandas: the texts and labels of all rows."""
    import pandas

    delimiter = "\t" if str(output).endswith(".tsv") else ","
    quoting = csv.QUOTE_NONE if delimiter == "\t" else csv.QUOTE_MINIMAL
    table = pandas.read_csv(output, sep=delimiter, quoting=quoting, dtype=str, keep_default_na=False)
    expect_rows(manifest, table.to_dict("records"))


def lines_with_a_parser(manifest, output):
    """Lines of fastText, split as its tokenizer does: the words that begin like labels are labels, where the text holds none itself."""
    lines = [line for line in Path(output).read_text(encoding="utf-8").split("\n") if line]
    samples = samples_of(manifest)
    expect(len(lines) == len(samples), f"{len(lines)} lines instead of {len(samples)}")
    for sample, line in zip(samples, lines):
        words = line.split()
        text = sample["text"]["text"]
        if "__label__" in text:
            continue
        labels = [word[len("__label__"):] for word in words if word.startswith("__label__")]
        expect(labels == classes_of(sample), f"{sample['key']}: the labels {labels}")
        expect([word for word in words if not word.startswith("__label__")] == text.split(), f"{sample['key']}: the line {line!r}")


# Name, source below the root, target, name of the output, check.
CASES = [
    ("Doccano's spans for spaCy", "Fixtures/jsonl-text/doccano/input.jsonl", "jsonl-text", "out.jsonl", spans_with_spacy),
    ("Prodigy's spans for spaCy", "Fixtures/jsonl-text/doccano/input.jsonl", "jsonl-text:dialect=prodigy", "out.jsonl", spans_with_spacy),
    ("Doccano's relations for spaCy", "Fixtures/jsonl-text/doccano-relations/input.jsonl", "jsonl-text:dialect=doccano", "out.jsonl", spans_with_spacy),
    ("Entities of ModelArts for spaCy", "Fixtures/modelarts/entities/input.manifest", "jsonl-text:dialect=plain", "out.jsonl", spans_with_spacy),
    ("Training examples for spaCy", "Fixtures/jsonl-text/doccano-intents/input.jsonl", "jsonl-text:dialect=spacy", "out.jsonl", examples_with_spacy),
    ("Prodigy's tokens for spaCy", "Fixtures/jsonl-text/prodigy/input.jsonl", "jsonl-text", "out.jsonl", tokens_with_spacy),
    ("Tags of Hugging Face for seqeval", "Fixtures/conll/conll2003/input.conll", "jsonl-text:dialect=huggingface", "out.jsonl", tags_with_seqeval),
    ("Words of CoNLL for json", "Fixtures/conll/conll2003/input.conll", "jsonl-text", "out.jsonl", words_with_json),
    ("CSV for csv", "Fixtures/text-classification/csv/input.csv", "text-classification", "out.csv", table_with_csv),
    ("CSV with quotes for pandas", "Fixtures/text-classification/csv-quoted/input.csv", "text-classification", "out.csv", table_with_pandas),
    ("CSV from JSON Lines for pandas", "Fixtures/jsonl-text/plain/input.jsonl", "text-classification", "out.csv", table_with_pandas),
    ("TSV for pandas", "Fixtures/jsonl-text/numbers/input.jsonl", "text-classification:layout=tsv", "out.tsv", table_with_pandas),
    ("Lines of fastText", "Fixtures/text-classification/fasttext/input.txt", "text-classification", "out.txt", lines_with_a_parser),
    ("Lines of fastText from CSV", "Fixtures/text-classification/csv-columns/input.csv", "text-classification:layout=fasttext", "out.txt", lines_with_a_parser),
]
