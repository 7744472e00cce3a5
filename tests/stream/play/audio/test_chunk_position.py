import base64
import itertools
from array import array

from stream.music.audio_chunk import AudioChunk, AudioControls
from stream.play.audio.chunk_position import ChunkPosition
from tests.data.sound_stage import AUDIO, RATE


def test_where_it_is_cut_off_the_sound_fades_evenly():
    sound = base64.b64encode(array("h", [1600] * 4000).tobytes()).decode()
    position = ChunkPosition(1, AudioControls(), AUDIO, RATE, frames=1000)
    after, samples = position.after(AudioChunk(0, 0, "low", sound, 0.5, 0, 0, "", "v", opens=True))
    assert after.complete
    fade = [10 * left for left in range(159, -1, -1)]  # 20 ms
    assert array("h", samples).tolist() == [1600] * 840 + fade


def test_long_fades_go_through_all_chunks_without_a_step():
    sound = base64.b64encode(array("h", [10000] * 400).tobytes()).decode()
    fades = {"fade_in": 1000 / RATE, "fade_out": 1500 / RATE}
    position = ChunkPosition(1, AudioControls(), AUDIO, RATE, frames=5000, **fades)
    played = []
    while not position.complete:
        chunk = AudioChunk(0, 0, "low", sound, 0.5, 0, 0, "", "v", opens=True)
        position, samples = position.after(chunk)
        played += array("h", samples)
    assert len(played) == 5000
    assert (played[0], played[-1]) == (0, 0)
    assert played[:1000] == sorted(played[:1000])
    assert set(played[1000:3490]) == {10000}
    assert played[3500:] == sorted(played[3500:], reverse=True)
    steps = [abs(one - other) for one, other in itertools.pairwise(played[:4830])]
    assert max(steps) <= 20
