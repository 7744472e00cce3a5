import base64
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
