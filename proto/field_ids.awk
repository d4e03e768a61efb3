# field_ids.awk: makes field_ids.h from the .proto files: DW_F_<MESSAGE>_<FIELD> for every field of every message,
# DW_F_<MESSAGE>_<FIELD>_<INNER> (outer number + 256 * inner number) for fields of nested messages of more than one
# value, and DW_V_<VALUE> for every enum value. Plain awk; the .proto files are written one item a line.

# VisitDone -> VISIT_DONE, S47Started -> S47_STARTED
function snake(s,    out, i, c, before) {
    out = ""
    before = ""
    for (i = 1; i <= length(s); i++) {
        c = substr(s, i, 1)
        if (c ~ /[A-Z]/ && before ~ /[a-z0-9]/)
            out = out "_"
        out = out toupper(c)
        before = c
    }
    return out
}

/^[ \t]*\/\// { next }
{ sub(/\/\/.*$/, "") }
/^message [A-Za-z0-9]+ \{\}/ { next }
/^message / { message = $2; in_enum = 0; next }
/^enum / { in_enum = 1; next }
/^\}/ { message = ""; in_enum = 0; next }

in_enum && /^  [A-Z][A-Z0-9_]* = [0-9]+;/ {
    number = $3
    sub(/;/, "", number)
    value_name[++values] = $1
    value_number[values] = number
    next
}

message != "" && message != "Event" && / = [0-9]+;/ {
    at = ($1 == "repeated") ? 2 : 1
    number = $(at + 3)
    sub(/;/, "", number)
    field_message[++fields] = message
    field_type[fields] = $at
    field_name[fields] = $(at + 1)
    field_number[fields] = number
    of_message[message] = of_message[message] " " fields
}

END {
    print "#pragma once"
    print "/* field_ids.h: field and enum numbers of the public schema. Made by proto/field_ids.awk; do not edit. */"
    print ""
    for (i = 1; i <= fields; i++) {
        name = "DW_F_" snake(field_message[i]) "_" toupper(field_name[i])
        printf "#define %s %d\n", name, field_number[i]
        # Date and Count are one value each; only VisitFrequency and its like have inner fields
        if (field_type[i] == "Date" || field_type[i] == "Count" || !(field_type[i] in of_message))
            continue
        n = split(of_message[field_type[i]], inner, " ")
        for (k = 1; k <= n; k++)
            printf "#define %s_%s %d\n", name, toupper(field_name[inner[k]]),
                field_number[i] + 256 * field_number[inner[k]]
    }
    print ""
    for (i = 1; i <= values; i++)
        printf "#define DW_V_%s %d\n", value_name[i], value_number[i]
}
