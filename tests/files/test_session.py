"""A session survives a round trip exactly, and nothing but a whole one is taken (fault 11)."""

from __future__ import annotations

import dataclasses
import io
import json
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from shiftlab.document import Document
from shiftlab.files import archive, blobs, schema, session
from shiftlab.files.session import SessionError, from_bytes, to_bytes
from shiftlab.network.spec import MaxPool, NetworkSpec
from shiftlab.network.weights import Network
from tests.files.documents import documents, full_document, pattern, weights

FULL = to_bytes(full_document())


def repacked(change: Callable[[dict[str, Any]], Any] | None = None, **entries: bytes) -> bytes:
    """The full document's session with its JSON changed and entries added ('/' written as '__')."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(FULL)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            content = old.read(info)
            if info.filename == "document.json" and change is not None:
                fields = json.loads(content)
                text = change(fields)
                content = text if isinstance(text, bytes) else json.dumps(fields).encode()
            new.writestr(info.filename, content)
        for name, content in entries.items():
            new.writestr(name.replace("__", "/"), content)
    return out.getvalue()


@given(documents)
def test_any_document_survives_a_round_trip(document: Document) -> None:
    content = to_bytes(document)
    again = from_bytes(content)
    assert again == document
    assert to_bytes(again) == content


def test_the_full_document_survives_field_by_field(tmp_path: Path) -> None:
    """Compared by fields and pixels, not by the values' own equality, which could overlook one."""
    document = full_document()
    session.save(document, tmp_path / "a.shiftlab")
    again = session.load(tmp_path / "a.shiftlab")
    for name in ("scene", "reference"):
        for old, new in zip(getattr(document, name).placed, getattr(again, name).placed, strict=True):
            np.testing.assert_array_equal(old.pattern.image, new.pattern.image)
            np.testing.assert_array_equal(old.pattern.alpha, new.pattern.alpha)
            assert old.pattern.name == new.pattern.name
            assert (old.at, old.size, old.turn, old.flipped, old.contrast) == (
                new.at,
                new.size,
                new.turn,
                new.flipped,
                new.contrast,
            )
    assert again.scene.size == (32, 40)
    for field in dataclasses.fields(document.lenses):
        assert getattr(again.lenses, field.name) == getattr(document.lenses, field.name), field.name
    assert again.networks[1].weights is None
    trained = again.networks[0].weights
    assert trained is not None
    np.testing.assert_array_equal(trained.arrays["conv1.weight"], document.networks[0].weights.arrays["conv1.weight"])
    assert again.networks[0].spec == document.networks[0].spec
    assert again.path == document.path
    wanted, kept = document.training, again.training
    assert wanted is not None
    assert kept is not None
    assert [one.name for one in kept.classes] == ["b", "noise", "a"]
    for old, new in zip(wanted.classes, kept.classes, strict=True):
        np.testing.assert_array_equal(old.image, new.image)
    assert wanted.painted is not None
    assert kept.painted is not None
    np.testing.assert_array_equal(kept.painted, wanted.painted)
    assert (kept.place, kept.size, kept.variation, kept.start, kept.network) == ("painted", 9, 0.3, "present", 1)
    assert dataclasses.asdict(kept.settings) == dataclasses.asdict(wanted.settings)
    assert kept.proposed == frozenset({"rate"})


def test_pixels_are_a_png_where_it_can_hold_them_and_safetensors_otherwise() -> None:
    for colour in (False, True):
        assert blobs.pattern_blob(pattern(exact=True, colour=colour))[0] == "png"
        assert blobs.pattern_blob(pattern(exact=False, colour=colour))[0] == "safetensors"


def test_a_pattern_that_stands_in_many_places_is_stored_once() -> None:
    document = full_document()
    many = document.with_scene(dataclasses.replace(document.scene, placed=document.scene.placed * 20))
    with zipfile.ZipFile(io.BytesIO(to_bytes(many))) as opened:
        # the JSON, four patterns, one class more (the others have the pixels of those), painted places, weights
        assert len(opened.namelist()) == 1 + 4 + 1 + 1 + 1


def put(path: str, value: Any) -> Callable[[dict[str, Any]], None]:
    """A change that puts `value` at a path such as 'scene.placed.0.at'."""

    def change(fields: dict[str, Any]) -> None:
        *parents, last = path.split(".")
        inside: Any = fields
        for part in parents:
            inside = inside[int(part) if part.isdigit() else part]
        inside[int(last) if last.isdigit() else last] = value

    return change


BAD_FIELDS = [
    (put("type", "excalidraw"), r"\$\.type: not a ShiftLab document"),
    (put("version", schema.VERSION + 1), r"\$\.version: .* newer"),
    (put("version", 0), r"\$\.version: "),
    (put("version", "1"), r"\$\.version: "),
    (put("version", True), r"\$\.version: "),
    (put("scene.placed.0.at", [float("nan"), 1]), r"\$\.scene\.placed\[0\]\.at\[0\]: must be a finite number, not nan"),
    (put("path", [[1.0, float("inf")]]), r"\$\.path\[0\]\[1\]: must be a finite number"),
    (put("scene.placed.0.at", [1]), r"\$\.scene\.placed\[0\]\.at: "),
    (put("scene.placed.0.at", [10**400, 1]), r"\$"),
    (put("scene.placed.0.size", 10**9), r"\$\.scene\.placed\[0\]: size must be 1 to 512 px"),
    (put("scene.placed.0.pattern", 99), r"\$\.scene\.placed\[0\]\.pattern: there are 6 patterns"),
    (put("scene.placed.0.colour", 1), r"\$\.scene\.placed\[\.\.\.\]|\$\.scene\.placed\[0\]"),
    (put("scene.size", [10**6, 10**6]), r"\$\.scene: canvas sides must be 16 to 512 px"),
    (put("scene.border", "mirror"), r"\$\.scene\.border: "),
    (put("reference.background.grey", 7), r"\$\.reference\.background: grey must be 0 to 1"),
    (put("reference.background.image", None), r"\$\.reference\.background: an image background needs an image"),
    (put("networks.0.spec.layers.0.kernel", [0, 3]), r"\$\.networks\[.*layers\[.*: kernel must be 1 or more"),
    (put("networks.0.spec.layers.0.kind", "lstm"), r"\$\.networks\[.*kind: "),
    (
        put("networks.0.spec.layers", [{"kind": "conv", "channels": 4096, "kernel": [1, 1]}] * 200),
        r"\$\.networks\[0\]\.spec: its maps would hold",
    ),
    (
        put("networks.0.spec.layers", [{"kind": "conv", "channels": 2048, "kernel": [1, 1]}] * 90),
        r"\$\.networks\[0\]\.spec: its weights would hold",
    ),
    (put("networks.0.spec.layers", [{"kind": "flatten"}] * 5000), r"\$\.networks\[0\]\.spec: .* at most 256 layers"),
    (put("networks", []), r"\$\.networks: "),
    (put("networks.0.weights", "../../etc/passwd"), r"\$\.networks\[.*weights: "),
    (put("networks.0.weights", f"blobs/{'0' * 64}.safetensors"), r"\$\.networks\[0\]\.weights: .* missing"),
    (put("patterns.0.blob", f"blobs/{'0' * 64}.png"), r"\$\.patterns\[0\]\.blob: .* missing"),
    (put("patterns.0.name", "x" * 2000), r"\$\.patterns\[.*name: "),
    (put("lenses.view", "sideways"), r"\$\.lenses\.view: "),
    (put("lenses.tile", 17), r"\$\.lenses: tile must be"),
    (put("lenses", 3), r"\$\.lenses: "),
    (put("path", [[0.0, 0.0]] * 100_001), r"\$\.path: "),
    (put("training.settings.rate", 11.0), r"\$\.training\.settings: rate must be above 0 and at most 10, not 11"),
    (put("training.settings.steps", 10**9), r"\$\.training: steps must be 1 to 10000, not 1000000000"),
    (put("training.settings.batch", 10**6), r"\$\.training: batch must be 1 to 512, not 1000000"),
    (put("training.settings.optimiser", "lion"), r"\$\.training\.settings\.optimiser: "),
    (put("training.settings.seed", -1), r"\$\.training\.settings: seed must be 0 or more, not -1"),
    (put("training.settings.rate", float("nan")), r"\$\.training\.settings\.rate: must be a finite number"),
    (put("training.place", "corners"), r"\$\.training\.place: "),
    (put("training.classes", [0]), r"\$\.training: classes must be 2 to 10 patterns, not 1"),
    (put("training.classes", [0, 99]), r"\$\.training\.classes\[1\]: there are 6 patterns, so none numbered 99"),
    (put("training.size", 0), r"\$\.training: size must be 1 to 512 px, not 0"),
    (put("training.variation", 1.5), r"\$\.training: variation must be 0 to 1, not 1.5"),
    (put("training.network", 2), r"\$\.training\.network: "),
    (put("training.proposed", ["seed"]), r"\$\.training: proposed must be among rate, steps, not \['seed'\]"),
    (put("training.painted", f"blobs/{'0' * 64}.png"), r"\$\.training\.painted: .* missing"),
    (put("training.colour", 1), r"\$\.training: .*colour"),
    (lambda fields: fields.pop("scene"), r"\$: .*scene"),
    (lambda fields: b"[" * 100_000, r"\$: document\.json is not JSON"),
    (lambda fields: b"{'type'", r"\$: document\.json is not JSON"),
    (lambda fields: b"\xff\xfe", r"\$: document\.json is not JSON"),
    (lambda fields: b"9" * 10_000, r"\$"),
]


@pytest.mark.parametrize(("change", "message"), BAD_FIELDS)
def test_a_bad_field_is_refused_with_its_path(change: Callable[[dict[str, Any]], Any], message: str) -> None:
    with pytest.raises(SessionError, match=message) as caught:
        from_bytes(repacked(change))
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 500


def test_the_full_document_repacked_without_a_change_is_still_good() -> None:
    """So that the refusals above are of the change, not of the repacking."""
    assert from_bytes(repacked(lambda fields: None)) == full_document()


def with_pattern_blob(content: bytes, kind: str) -> bytes:
    name = blobs.blob_name(content, kind)
    return repacked(put("patterns.0.blob", name), **{name.replace("/", "__"): content})


def _png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def _safetensors(**arrays: np.ndarray) -> bytes:
    return safetensors.numpy.save(arrays)


HUGE_SAFETENSORS = (
    struct.pack("<Q", 80) + b'{"image":{"dtype":"F32","shape":[100000,100000],"data_offsets":[0,40000000000]}}'
)

BAD_BLOBS = [
    (_png(Image.new("LA", (513, 4))), "png", "sides must be 1 to 512"),
    (_png(Image.new("RGB", (4, 4))), "png", "must be LA or RGBA"),
    (_png(Image.new("LA", (40, 40)))[:60], "png", "damaged"),
    (b"<svg/>", "png", "damaged"),
    (HUGE_SAFETENSORS, "safetensors", "damaged"),
    (b"\xff" * 64, "safetensors", "damaged"),
    (_safetensors(image=np.zeros((1, 2, 2)), alpha=np.zeros((2, 2))), "safetensors", "must be float32"),
    (_safetensors(image=np.zeros((1, 2, 2), np.float32)), "safetensors", "holds image and alpha"),
    (
        _safetensors(image=np.full((1, 2, 2), np.nan, np.float32), alpha=np.ones((2, 2), np.float32)),
        "safetensors",
        r"image must lie in \[0, 1\]",
    ),
    (
        _safetensors(image=np.zeros((1, 600, 600), np.float32), alpha=np.ones((600, 600), np.float32)),
        "safetensors",
        "sides must be 1 to 512",
    ),
    (
        _safetensors(image=np.zeros((1, 0, 2), np.float32), alpha=np.ones((0, 2), np.float32)),
        "safetensors",
        "sides must be",
    ),
]


@pytest.mark.parametrize(("content", "kind", "message"), BAD_BLOBS)
def test_a_bad_blob_is_refused_with_its_path(content: bytes, kind: str, message: str) -> None:
    with pytest.raises(SessionError, match=rf"^\$\.patterns\[0\]\.blob: .*{message}") as caught:
        from_bytes(with_pattern_blob(content, kind))
    assert "\n" not in str(caught.value)


def test_weights_that_are_not_finite_are_refused() -> None:
    content = _safetensors(**{"conv1.weight": np.full((1, 1, 3, 3), np.inf, np.float32)})
    name = blobs.blob_name(content, "safetensors")
    with pytest.raises(SessionError, match=r"\$\.networks\[0\]\.weights: weights conv1\.weight .* not finite"):
        from_bytes(repacked(put("networks.0.weights", name), **{name.replace("/", "__"): content}))


def test_a_blob_whose_content_was_changed_is_refused() -> None:
    name = f"blobs/{'a' * 64}.png"
    changed = repacked(put("patterns.0.blob", name), **{name.replace("/", "__"): _png(Image.new("LA", (4, 4)))})
    with pytest.raises(SessionError, match=r"\$\.patterns\[0\]\.blob: its content is not what its name"):
        from_bytes(changed)


@pytest.mark.parametrize(
    "name", ["../evil", "/etc/passwd", "blobs/../../x.png", "C:\\x", "blobs/a.png", "document.json\0.png"]
)
def test_names_that_climb_out_or_do_not_belong_are_refused(name: str) -> None:
    out = io.BytesIO(FULL)
    with zipfile.ZipFile(out, "a") as opened:
        info = zipfile.ZipInfo("x")
        info.filename = name
        opened.writestr(info, b"evil")
    with pytest.raises(SessionError, match=r"does not belong|two entries") as caught:
        from_bytes(out.getvalue())
    assert "\n" not in str(caught.value)


def test_zip_bombs_are_refused_before_they_are_inflated(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object, **__: object) -> bytes:
        pytest.fail("it was inflated")

    bomb = repacked(None, **{f"blobs__{'0' * 64}.safetensors": bytes(archive.MOST_BYTES)})
    assert len(bomb) < 2**20
    monkeypatch.setattr(zipfile.ZipFile, "read", never)
    with pytest.raises(SessionError, match="more than 512 MB"):
        from_bytes(bomb)
    with pytest.raises(SessionError, match=r"document\.json is larger than"):
        from_bytes(_zip_of({"document.json": b" " * (archive.MOST_JSON + 1)}))
    many = {f"blobs/{index:064x}.png": b"" for index in range(archive.MOST_ENTRIES + 1)}
    with pytest.raises(SessionError, match="at most 2000 entries"):
        from_bytes(_zip_of(many))


def _zip_of(entries: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, content in entries.items():
            opened.writestr(name, content)
    return out.getvalue()


def test_an_entry_that_lies_about_its_size_gives_no_more_than_it_claims() -> None:
    """The declared size is what was checked; zipfile stops there, and the checksum then fails."""
    lying = bytearray(_zip_of({"document.json": b" " * 2_000_000}))
    at = lying.rfind(b"PK\1\2")
    lying[at + 24 : at + 28] = struct.pack("<I", 10)
    with pytest.raises(SessionError, match="not a whole ShiftLab session"):
        from_bytes(bytes(lying))


@pytest.mark.parametrize(("name", "content"), [("empty", b""), ("text", b"hello"), ("another zip", _zip_of({}))])
def test_foreign_files_are_refused(name: str, content: bytes) -> None:
    with pytest.raises(SessionError, match=r"not a (whole )?ShiftLab session"):
        from_bytes(content)


@given(st.integers(0, len(FULL) - 1))
def test_a_truncated_session_is_refused(length: int) -> None:
    with pytest.raises(SessionError):
        from_bytes(FULL[:length])


@given(st.integers(0, len(FULL) - 1), st.binary(min_size=1, max_size=8))
def test_damage_anywhere_is_refused_or_changes_nothing_silently(where: int, noise: bytes) -> None:
    """Every byte that matters is under a checksum, so what is still taken is the same document."""
    damaged = FULL[:where] + noise + FULL[where + len(noise) :]
    try:
        again = from_bytes(damaged)
    except SessionError as error:
        if "\n" in str(error):
            pytest.fail(f"more than one line: {error}")
    else:
        assert again == full_document()


def test_an_older_version_is_migrated(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if version 0 had called the border 'edge'."""

    def migrate(fields: dict[str, Any]) -> dict[str, Any]:
        return {
            **fields,
            "scene": {**{k: v for k, v in fields["scene"].items() if k != "edge"}, "border": fields["scene"]["edge"]},
        }

    def older(fields: dict[str, Any]) -> None:
        fields["version"] = 0
        fields["scene"]["edge"] = fields["scene"].pop("border")

    monkeypatch.setitem(schema.MIGRATIONS, 0, migrate)
    assert from_bytes(repacked(older)) == full_document()


def test_a_session_of_the_first_version_opens_as_it_was() -> None:
    """A file that ShiftLab wrote before sessions kept a task; its values are written down here, not computed."""
    document = session.load(Path(__file__).parent / "version1.shiftlab")
    assert document.training is None
    assert document.scene.size == (32, 40)
    assert document.scene.border == "zero"
    assert [one.pattern.name for one in document.scene.placed] == ["noise", "other", "exact"]
    assert [one.at for one in document.scene.placed] == [(10.25, 7.1), (3.0, 4.0), (-3.5, 400.0)]
    assert document.reference.placed[0].at == (11.75, 5.1)
    assert document.networks[0].weights == weights()
    assert document.networks[1].weights is None
    assert document.lenses.view == "left"
    assert document.path == ((1.0, 2.5), (0.1, 0.2))
    assert dataclasses.replace(full_document(), training=None) == document


def test_a_task_of_a_network_that_is_not_there_is_refused() -> None:
    def change(fields: dict[str, Any]) -> None:
        del fields["networks"][1]

    with pytest.raises(SessionError, match=r"^\$\.training\.network: there is no network numbered 1$"):
        from_bytes(repacked(change))


def _grey(level: int, mode: str = "L", size: tuple[int, int] = (40, 32)) -> bytes:
    return _png(Image.new(mode, size, level))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"no PNG", "the PNG is damaged"),
        (_grey(7), "black and white, with nothing between"),
        (_grey(0, "RGB"), "the PNG must be L, not RGB"),
        (_grey(0, size=(600, 16)), "sides must be 1 to 512 px, not 16x600"),
        (_grey(0, size=(40, 3)), "painted must be a canvas of 16 to 512 px a side, not 3x40"),
    ],
)
def test_painted_places_that_are_none_are_refused_with_their_path(content: bytes, message: str) -> None:
    name = blobs.blob_name(content, "png")
    broken = repacked(put("training.painted", name), **{name.replace("/", "__"): content})
    with pytest.raises(SessionError, match=rf"^\$\.training(\.painted)?: .*{message}"):
        from_bytes(broken)


def test_what_is_proposed_otherwise_by_now_stays_as_it_was_written() -> None:
    again = from_bytes(repacked(put("training.settings.rate", 0.02)))
    assert again.training is not None
    assert again.training.proposed == frozenset()
    assert again.training.settings.rate == 0.02


def test_a_network_that_does_not_fit_the_canvas_is_a_state_that_is_kept() -> None:
    vanishing = NetworkSpec(name="vanishing", layers=(MaxPool(kernel=(99, 99)),))
    document = full_document().with_networks((Network(vanishing),))
    assert from_bytes(to_bytes(document)) == document


def test_what_could_not_be_read_again_is_not_written() -> None:
    document = dataclasses.replace(full_document(), path=((0.0, 0.0),) * 100_001)
    with pytest.raises(SessionError, match=r"\$\.path"):
        to_bytes(document)


def test_a_missing_file_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        session.load(tmp_path / "none.shiftlab")
