"""Finds what can be mutated in a C file (with libclang) and writes the file with all mutants in it.

Every mutant has a number. The written file asks at each point whether that number is the chosen one:

    a < b            becomes    (DW_MUT(7) ? (a <= b) : DW_MUT(8) ? (a >= b) : (a < b))
    x = y;           becomes    (DW_MUT(9) ? (void)0 : (void)(x = y));
    break;           becomes    if (DW_MUT(10)) {} else break;

so all of them are compiled once. Lines stay where they were. Only function bodies are mutated, and of them only what is
spelled out in the file: no macro's inside, hence no assertion. Constant expressions (case labels, array sizes, static
tables) cannot ask for a number, and the step of a `for` would only ever end in a time limit."""

import re
from dataclasses import dataclass, field

from clang.cindex import CursorKind as K, Index, TranslationUnit, TypeKind as T

RELATIONAL = {"<": ["<=", ">="], "<=": ["<", ">"], ">": [">=", "<="], ">=": [">", "<"], "==": ["!="], "!=": ["=="]}
LOGICAL = {"&&": "||", "||": "&&"}
ARITHMETIC = {"+": "-", "-": "+", "*": "/", "/": "*", "%": "*", "<<": ">>", ">>": "<<", "&": "|", "|": "&", "^": "&"}
INTEGERS = {T.BOOL, T.CHAR_U, T.UCHAR, T.USHORT, T.UINT, T.ULONG, T.ULONGLONG, T.CHAR_S, T.SCHAR, T.SHORT, T.INT, T.LONG,
            T.LONGLONG, T.ENUM, T.DOUBLE, T.FLOAT}
STATEMENT_PARENTS = {K.COMPOUND_STMT, K.IF_STMT, K.FOR_STMT, K.WHILE_STMT, K.DO_STMT, K.CASE_STMT, K.DEFAULT_STMT, K.LABEL_STMT}
CONDITION_PARENTS = {K.IF_STMT, K.WHILE_STMT, K.DO_STMT, K.CONDITIONAL_OPERATOR}

# What only running out of memory reaches: judged by what the branch does, or by whose result is tested.
NOMEM_BODY = re.compile(r"DW_E_NOMEM|no_?mem|APPLY_NOMEM|\bfailed = true|out of memory")
NOMEM_TEST = re.compile(r"(->|\.)(failed|nomem)\b|\b(malloc|calloc|realloc|strdup)\(|\bdw_\w*(alloc|reserve|_new|append|_room)\(")
NOMEM_NAME = re.compile(r"\b(\w+(?:(?:->|\.)\w+)*) (?:==|!=) NULL|!(\w+(?:(?:->|\.)\w+)*)(?![\w(.]|->)")


@dataclass
class Mutant:
    file: str
    function: str
    operator: str
    text: str  # "original -> mutated", white space squeezed
    line: int
    nth: int = 0  # of those with all the same words in that function
    of: int = 1  # how many there are of them
    number: int = 0

    def __str__(self):
        place = f" [{self.nth + 1}]" if self.of > 1 else ""
        return f"{self.file}:{self.line} {self.function}: {self.operator}: {self.text}{place}"

    @property
    def key(self):
        return (self.file, self.function, self.operator, self.text, self.nth)


@dataclass
class Point:
    start: int
    end: int
    form: str  # expression, statement
    mutants: list = field(default_factory=list)  # (Mutant, text of the alternative)


WORDS = re.compile(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|(?:/\*.*?\*/|//[^\n]*|\s|\\\n)+', re.S)


def squeeze(text):
    """One line, without comments; what is in quotes stays as it is."""
    return WORDS.sub(lambda m: m.group() if m.group()[0] in "\"'" else " ", text).strip()


class Finder:
    """The points of one file, from one translation unit."""

    def __init__(self, unit, path, name):
        self.path, self.name = path, name
        with open(path, "rb") as file:
            self.source = file.read()
        self.macros = []
        for node in unit.cursor.get_children():
            if node.kind == K.MACRO_INSTANTIATION and self.here(node):
                self.macros.append((node.extent.start.offset, node.extent.end.offset))
        self.macros.sort()
        self.unit = unit
        self.points, self.left_out = [], []
        self.function, self.result, self.nomem = "", None, 0
        self.allocated = set()

    def here(self, node):
        return node.location.file is not None and node.location.file.name == self.path

    def text(self, start, end):
        return self.source[start:end].decode()

    def in_macro(self, start, end):
        return any(s <= start and end <= e for s, e in self.macros if s <= start)

    def find(self):
        for node in self.unit.cursor.get_children():
            if node.kind == K.FUNCTION_DECL and node.is_definition() and self.here(node):
                body = [c for c in node.get_children() if c.kind == K.COMPOUND_STMT]
                if body and not self.in_macro(node.extent.start.offset, node.extent.end.offset):
                    self.function, self.result = node.spelling, node.result_type
                    self.allocated = self.names_allocated(body[0])
                    self.visit(body[0], node)
        return self.points

    def names_allocated(self, body):
        """Variables that hold what an allocation gave, as far as the text says."""
        text = squeeze(self.text(body.extent.start.offset, body.extent.end.offset))
        call = r"(?:\([^()]*\))?(?:malloc|calloc|realloc|dw_\w*alloc\w*|dw_\w+_new|dw_chronology_derive|dw_evaluate|dw_derive_\w+|insert_alert|emit_slot|\w*grow\w*)\("
        return set(re.findall(r"\*?([\w.>-]+) = " + call, text))

    # --- making points

    def add(self, start, end, form, operator, alternative, shown=None):
        old = squeeze(shown[0] if shown else self.text(start, end))
        new = squeeze(shown[1] if shown else alternative)
        if old == new:
            return
        mutant = Mutant(self.name, self.function, operator, f"{old} -> {new}", self.source.count(b"\n", 0, start) + 1)
        if self.nomem:
            self.left_out.append(mutant)
            return
        if self.points and self.points[-1].start == start and self.points[-1].end == end and self.points[-1].form == form:
            self.points[-1].mutants.append((mutant, squeeze(alternative)))
        else:
            self.points.append(Point(start, end, form, [(mutant, squeeze(alternative))]))

    def expression(self, node, operator, alternative, shown=None):
        self.add(node.extent.start.offset, node.extent.end.offset, "expression", operator, alternative, shown)

    # --- walking

    def visit_all(self, nodes, parent):
        for node in nodes:
            self.visit(node, parent)

    def visit(self, node, parent):
        start, end = node.extent.start.offset, node.extent.end.offset
        if self.in_macro(start, end):
            if self.text(start, end) in ("true", "false") and node.kind != K.UNEXPOSED_EXPR:
                self.expression(node, "boolean literal", "false" if self.text(start, end) == "true" else "true")
            elif node.kind == K.UNEXPOSED_EXPR:
                self.visit_all(node.get_children(), parent)
            return
        handler = getattr(self, "on_" + node.kind.name.lower(), None)
        if handler is not None:
            handler(node, parent)
        else:
            self.visit_all(node.get_children(), node)

    def on_unexposed_expr(self, node, parent):
        self.visit_all(node.get_children(), parent)

    def on_cxx_unary_expr(self, node, parent):  # sizeof, _Alignof
        pass

    def on_static_assert(self, node, parent):
        pass

    def on_var_decl(self, node, parent):
        if node.storage_class.name == "STATIC":
            return
        for child in node.get_children():
            if "=" in self.text(node.location.offset, child.extent.start.offset):
                self.visit(child, node)

    def on_integer_literal(self, node, parent):
        text = self.text(node.extent.start.offset, node.extent.end.offset)
        if not re.fullmatch(r"(0x[0-9A-Fa-f]+|\d+)[uUlL]*", text):
            return
        self.expression(node, "constant", f"({text} + 1)", (text, f"{text} + 1"))
        if not re.fullmatch(r"0[uUlL]*|1[uUlL]*", text):
            self.expression(node, "constant", f"({text} - 1)", (text, f"{text} - 1"))

    def operator_between(self, node, left, right):
        return squeeze(self.text(left.extent.end.offset, right.extent.start.offset))

    def on_binary_operator(self, node, parent):
        left, right = list(node.get_children())
        l, r = self.plain(left), self.plain(right)
        op = self.operator_between(node, left, right)
        if op == "=":
            self.deleted(node, parent)
            self.visit(left, node)
            self.visit(right, node)
            return
        if op in RELATIONAL:
            for other in RELATIONAL[op]:
                self.expression(node, "relational", f"{l} {other} {r}")
        elif op in LOGICAL:
            self.expression(node, "logical", f"({l}) {LOGICAL[op]} ({r})", (f"{l} {op} {r}", f"{l} {LOGICAL[op]} {r}"))
        elif op in ARITHMETIC and self.computes(node, op, left, right):
            other = ARITHMETIC[op]
            self.expression(node, "arithmetic", f"({l}) {other} ({r})", (f"{l} {op} {r}", f"{l} {other} {r}"))
        for side in (left, right):
            if op in LOGICAL:
                self.negation(side)
            self.visit(side, node)

    def computes(self, node, op, left, right):
        kinds = [self.unwrapped(side).type.get_canonical().kind for side in (left, right)]
        pointers = [k in (T.POINTER, T.CONSTANTARRAY, T.INCOMPLETEARRAY, T.VARIABLEARRAY) for k in kinds]
        if not any(pointers):
            return all(k in INTEGERS for k in kinds)
        return pointers == [True, False] and op in "+-"

    def unwrapped(self, node):
        while node.kind in (K.UNEXPOSED_EXPR, K.PAREN_EXPR):
            children = list(node.get_children())
            if len(children) != 1:
                break
            node = children[0]
        return node

    def plain(self, node):
        return self.text(node.extent.start.offset, node.extent.end.offset)

    def on_compound_assignment_operator(self, node, parent):
        self.deleted(node, parent)
        left, right = list(node.get_children())
        op = self.operator_between(node, left, right)
        if op[:-1] in ARITHMETIC:
            self.expression(node, "arithmetic", f"{self.plain(left)} {ARITHMETIC[op[:-1]]}= {self.plain(right)}")
        self.visit(left, node)
        self.visit(right, node)

    def on_unary_operator(self, node, parent):
        text = self.plain(node)
        operand = self.plain(next(node.get_children()))
        self.deleted_step(node, parent, text)
        if text.startswith("!"):
            self.expression(node, "negation", f"!!({operand})", (text, operand))
        elif text.startswith("++") or text.endswith("++"):
            self.expression(node, "arithmetic", text.replace("++", "--"))
        elif text.startswith("--") or text.endswith("--"):
            self.expression(node, "arithmetic", text.replace("--", "++"))
        elif text.startswith("-") and self.unwrapped(next(node.get_children())).kind != K.INTEGER_LITERAL:
            self.expression(node, "arithmetic", f"({operand})", (text, operand))
        self.visit_all(node.get_children(), node)

    def deleted_step(self, node, parent, text):
        if text.startswith(("++", "--")) or text.endswith(("++", "--")):
            self.deleted(node, parent)

    def is_statement(self, node, parent):
        if parent.kind not in STATEMENT_PARENTS:
            return False
        if parent.kind == K.COMPOUND_STMT:
            return True
        children = list(parent.get_children())
        if parent.kind in (K.IF_STMT, K.WHILE_STMT):
            return node != children[0]
        if parent.kind == K.DO_STMT:
            return node == children[0]
        if parent.kind == K.FOR_STMT:
            return node == children[-1] and self.source[node.extent.start.offset - 1] != ord("(")
        return node == children[-1]

    def deleted(self, node, parent):
        if self.is_statement(node, parent):
            text = self.plain(node)
            self.add(node.extent.start.offset, node.extent.end.offset, "deletion", "deleted statement", "(void)0", (text, "nothing"))

    def on_call_expr(self, node, parent):
        self.deleted(node, parent)
        self.visit_all(node.get_children(), node)

    def on_cstyle_cast_expr(self, node, parent):
        if re.match(r"\(void\)\s*\w+\(", self.plain(node)):  # a call; of a name it says that it is not used
            self.deleted(node, parent)
        self.visit_all([c for c in node.get_children() if c.kind != K.TYPE_REF], node)

    # --- conditions and statements

    def negation(self, node):
        """The condition turned round, where no other operator does that."""
        bare = self.unwrapped(node)
        if self.in_macro(node.extent.start.offset, node.extent.end.offset):
            return
        if bare.kind == K.BINARY_OPERATOR:
            left, right = list(bare.get_children())
            op = self.operator_between(bare, left, right)
            if op in RELATIONAL or op in LOGICAL or op == "=":
                return
        if bare.kind == K.UNARY_OPERATOR and self.plain(bare).startswith("!"):
            return
        text = self.plain(node)
        self.add(node.extent.start.offset, node.extent.end.offset, "condition", "negation", f"!({text})", (text, f"!({text})"))

    def allocation_only(self, condition, branch):
        text = squeeze(self.plain(condition))
        if NOMEM_TEST.search(text) or NOMEM_BODY.search(squeeze(self.plain(branch))[:200]):
            return True
        for match in NOMEM_NAME.finditer(text):
            if (match.group(1) or match.group(2)) in self.allocated:
                return True
        return False

    def on_if_stmt(self, node, parent):
        condition, *branches = node.get_children()
        nomem = self.allocation_only(condition, branches[0])
        self.nomem += nomem
        self.negation(condition)
        self.visit(condition, node)
        self.visit(branches[0], node)
        self.nomem -= nomem
        self.visit_all(branches[1:], node)

    def on_while_stmt(self, node, parent):
        condition = next(node.get_children())
        self.negation(condition)
        self.visit_all(node.get_children(), node)

    def on_conditional_operator(self, node, parent):
        condition, yes, no = node.get_children()
        nomem = bool(NOMEM_BODY.search(self.plain(yes) + self.plain(no)))
        self.nomem += nomem
        self.negation(condition)
        self.visit_all((condition, yes, no), node)
        self.nomem -= nomem

    def on_for_stmt(self, node, parent):
        """Children that are absent leave no trace, so the parts are told by the semicolons."""
        children = list(node.get_children())
        at = self.source.index(b"(", node.extent.start.offset)
        depth, semicolons, close = 0, [], at
        for place in range(at, node.extent.end.offset):
            char = chr(self.source[place])
            depth += char in "([{"
            depth -= char in ")]}"
            if char == ";" and depth == 1:
                semicolons.append(place)
            if depth == 0:
                close = place
                break
        for child in children:
            start = child.extent.start.offset
            if len(semicolons) == 2 and semicolons[1] < start < close:
                continue
            if len(semicolons) == 2 and semicolons[0] < start < semicolons[1]:
                self.negation(child)
            self.visit(child, node)

    def on_case_stmt(self, node, parent):
        self.visit(list(node.get_children())[-1], node)

    def on_break_stmt(self, node, parent):
        if parent.kind == K.COMPOUND_STMT:
            rest = self.text(node.extent.end.offset, parent.extent.end.offset)
            if re.fullmatch(r";\s*}", rest) and self.enclosing_switch_end(node, parent):
                return  # the last of a switch: there is nothing to fall into
        self.add(node.extent.start.offset, node.extent.end.offset, "statement", "removed jump", "", ("break", "nothing"))

    def enclosing_switch_end(self, node, parent):
        return parent in self.switch_bodies

    def on_continue_stmt(self, node, parent):
        self.add(node.extent.start.offset, node.extent.end.offset, "statement", "removed jump", "", ("continue", "nothing"))

    switch_bodies = ()

    def on_switch_stmt(self, node, parent):
        children = list(node.get_children())
        self.switch_bodies = tuple(self.switch_bodies) + (children[-1],)
        self.swapped_cases(children[-1])
        self.visit_all(children, node)

    def swapped_cases(self, body):
        """Each `return X;` of a switch gives what the next one gives."""
        returns = []
        self.collect_returns(body, returns)
        for here, there in zip(returns, returns[1:] + returns[:1]):
            if self.plain(here) != self.plain(there) and not self.in_macro(here.extent.start.offset, here.extent.end.offset):
                self.expression(here, "swapped case", f"({self.plain(there)})", (f"case gives {self.plain(here)}", self.plain(there)))

    def collect_returns(self, node, out):
        for child in node.get_children():
            if child.kind in (K.CASE_STMT, K.DEFAULT_STMT):
                self.collect_returns(child, out)
            elif child.kind == K.RETURN_STMT and node.kind in (K.CASE_STMT, K.DEFAULT_STMT, K.COMPOUND_STMT):
                out += list(child.get_children())

    def on_return_stmt(self, node, parent):
        value = next(node.get_children(), None)
        if value is None:
            self.add(node.extent.start.offset, node.extent.end.offset, "statement", "removed jump", "", ("return", "nothing"))
            return
        self.returned(value)
        self.visit(value, node)

    def returned(self, value):
        bare, text = self.unwrapped(value), self.plain(value)
        kind = self.result.get_canonical().kind
        old = f"return {text}"
        if text in ("true", "false"):
            return
        if kind == T.BOOL:
            if bare.kind == K.BINARY_OPERATOR:
                left, right = list(bare.get_children())
                if self.operator_between(bare, left, right) in RELATIONAL:
                    return
            if not text.startswith("!"):
                self.expression(value, "return value", f"!({text})", (old, f"return !({text})"))
        elif kind in INTEGERS:
            named = bare.referenced if bare.kind == K.DECL_REF_EXPR else None
            zero = named is not None and named.kind == K.ENUM_CONSTANT_DECL and named.enum_value == 0
            if bare.kind == K.INTEGER_LITERAL:
                return
            other = "1" if zero else "0"
            self.expression(value, "return value", other, (old, f"return {other}"))
        elif kind == T.POINTER and text != "NULL":
            self.expression(value, "return value", "((void *)0)", (old, "return NULL"))
        elif kind == T.RECORD and not squeeze(text).endswith("{0}"):
            self.expression(value, "return value", f"(({self.result.spelling}){{0}})", (old, "return {0}"))


def find(path, name, arguments, headers=()):
    """{file name: Finder} of a .c file and of those headers that hold functions."""
    unit = Index.create().parse(path, args=arguments, options=TranslationUnit.PARSE_DETAILED_PROCESSING_RECORD)
    errors = [str(d) for d in unit.diagnostics if d.severity >= 3]
    if errors:
        raise RuntimeError(f"{name}: {errors[0]}")
    finders = {}
    for file_path, file_name in [(path, name)] + list(headers):
        finder = Finder(unit, file_path, file_name)
        finder.find()
        finders[file_name] = finder
    return finders


def number_repeats(mutants):
    seen = {}
    for mutant in mutants:
        key = mutant.key[:4]
        mutant.nth = seen[key] = seen.get(key, -1) + 1
    for mutant in mutants:
        mutant.of = seen[mutant.key[:4]] + 1


def render(source, points, dropped=frozenset()):
    """The file with its mutants; those whose number is in `dropped` are left out."""
    points = sorted(points, key=lambda p: (p.start, -p.end, p.form != "statement"))

    def wrap(point, inner):
        for mutant, alternative in reversed(point.mutants):
            if mutant.number in dropped:
                continue
            ask = f"DW_MUT({mutant.number})"
            if point.form == "statement":
                inner = f"if ({ask}) {{}} else {inner}"
            elif point.form == "deletion":
                inner = f"({ask} ? (void)0 : (void)({inner}))"
            elif point.form == "condition":
                inner = f"({ask} ? {alternative} : !!({inner}))"
            else:
                inner = f"({ask} ? ({alternative}) : ({inner}))"
        return inner

    def region(start, end, inner_points):
        out, at, i = [], start, 0
        while i < len(inner_points):
            point = inner_points[i]
            j = i + 1
            while j < len(inner_points) and inner_points[j].start < point.end:
                j += 1
            out.append(source[at:point.start].decode())
            out.append(wrap(point, region(point.start, point.end, inner_points[i + 1:j])))
            at, i = point.end, j
        out.append(source[at:end].decode())
        return "".join(out)

    return region(0, len(source), points)
