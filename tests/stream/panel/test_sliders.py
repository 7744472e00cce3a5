from stream.panel.sliders import with_sliders


def test_a_group_has_a_line_for_each_slider():
    slider = (
        '<div class="slider"><label for="transpose">Transpose</label>'
        '<output for="transpose"></output>'
        '<input id="transpose" data-control="transpose" data-middle type="range"'
        ' min="-36" max="36" step="1" value="0"></div>'
    )
    page = with_sliders("<main>\n<!-- sliders: pitch -->\n</main>")
    assert page == f"<main>\n{slider}\n</main>"


def test_the_ends_of_the_range_stand_side_by_side():
    assert with_sliders("<!-- sliders: range -->") == (
        '<input id="low" data-control="low" aria-label="Lowest note" type="range"'
        ' min="0" max="127" step="1" value="0">'
        '<input id="high" data-control="high" aria-label="Highest note" type="range"'
        ' min="0" max="127" step="1" value="127">'
    )


def test_a_slider_without_values_of_both_signs_is_filled_from_the_left():
    feel = with_sliders("<!-- sliders: feel -->").splitlines()
    middle = [line.partition('id="')[2].partition('"')[0] for line in feel if "data-middle" in line]
    assert middle == ["density"]
    assert 'min="0.1" max="3" step="0.05" value="1"' in feel[0]


def test_other_text_stays():
    assert with_sliders("a { color: red } /* sliders: feel */") == (
        "a { color: red } /* sliders: feel */"
    )
