"""Names that are legal in every target at once."""

from __future__ import annotations

import re
import unicodedata

from ..errors import ExportError

_MOST = 40  # characters; compilers and simulators promise 63 at least, and ours come behind
# The reserved words of C and C++, Verilog (and SystemVerilog) and VHDL that a name could be.
_WORDS = """
abs access after alias all always and architecture array assert assign asm assume attribute auto
automatic before begin bind bins binsof bit block body bool break buf buffer bufif0 bufif1 bus
byte case casex casez catch cell chandle char class clocking cmos component config configuration
const constant constraint context continue cover coverpoint cross deassign default default_clock
defparam delete design disable disconnect dist do double downto edge else elsif end endcase
endclass endconfig endfunction endmodule endpackage endprogram endtable endtask entity enum event
exit expect explicit export extends extern false file final first_match float for force foreach
fork forkjoin friend function generate generic genvar goto group guarded highz0 highz1 if iff
ifnone ignore_bins illegal_bins impure in inertial initial inline inout input inside instance int
integer interface intersect is join label large liblist library linkage literal local localparam
logic long longint loop macromodule main map matches medium mod modport module mutable namespace
nand negedge new next nmos nor not notif0 notif1 null of on open operator or others out output
package packed parameter pmos port posedge postponed primitive priority private procedure process
program property protected public pull0 pull1 pulldown pullup pure rand randc range real realtime
record ref reg register reject release rem repeat report restrict return rol ror rtran scalared
select sequence severity shared short shortint signal signed sizeof sla sll small solve specify
sra srl static string strong struct subtype super supply0 supply1 switch table tagged task
template then this throw throughout time to transport tran tri true try type typedef typename
unaffected union unique units unsigned until use using var variable vectored virtual void volatile
wait wand weak when while wildcard wire with within wor work xnor xor
"""
# What VHDL's standard packages call so: an entity of that name would hide it.
_STANDARD = """
bit_vector boolean character delay_length error failure falling_edge find_leftmost find_rightmost
finish foreign ieee is_x line math_real maximum minimum natural note now numeric_std positive
readline resize resolved rising_edge rotate_left rotate_right severity_level shift_left shift_right
side std std_logic std_logic_1164 std_logic_vector std_match std_ulogic std_ulogic_vector standard
stop text textio to_01 to_bit to_bitvector to_integer to_signed to_stdlogicvector to_stdulogic
to_stdulogicvector to_unsigned to_ux01 to_x01 to_x01z ux01 ux01z warning width writeline x01 x01z
"""
_RESERVED = frozenset(f"{_WORDS} {_STANDARD}".split())


def legal_name(name: str) -> str:
    """A name that is an identifier of C, C++, Verilog and VHDL, and means nothing there yet.

    Accents are taken off, capitals become small (VHDL doesn't tell them apart), what is no letter
    or digit becomes one ``_``, and a reserved word or a leading digit gets ``net_`` before it.

    Raises
    ------
    ExportError
        If nothing is left of it, or it is too long.

    Examples
    --------
    >>> legal_name("Größe 2 (final)")
    'grosse_2_final'
    >>> legal_name("signal")
    'net_signal'
    """
    plain = unicodedata.normalize("NFKD", name.replace("ß", "ss"))
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    found = re.sub(r"[^a-z0-9]+", "_", plain.lower()).strip("_")
    if not found:
        raise ExportError(
            f"the name {name!r} has no letter or digit that C, Verilog and VHDL allow; pass "
            "another as name= (--name)"
        )
    if found in _RESERVED or found[0].isdigit():
        found = f"net_{found}"
    if len(found) > _MOST:
        raise ExportError(
            f"the name {name!r} is too long for an identifier; pass one of at most {_MOST} "
            "characters as name= (--name)"
        )
    return found
