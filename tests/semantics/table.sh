# What the scripts that play the table share: its forms, its places, and the sender's word for each.
# shellcheck shell=bash
forms=$(sed -n 's/^FORM(\([a-z_0-9]*\),.*/\1/p' tests/semantics/forms.def)
places="near far third"

# The sender's word for a form in a place.
cell() { # PLACE FORM LINES
        local line
        line=$(grep -E "^(ok|FAILED) $1 $2(:|$)" <<<"$3")
        [ "$line" = "ok $1 $2" ]
        result "$1: $2" $? "${line:-nothing is said of it}"
}

cells() { # LINES
        local place form
        for place in $places; do
                for form in $forms; do cell $place $form "$1"; done
        done
}
