"""Names that are legal in every target at once."""

from __future__ import annotations

import re
import unicodedata

from ..errors import ExportError

_MOST = 40  # characters; compilers and simulators promise 63 at least, and ours come behind
# The reserved words of C and C++, Verilog (and SystemVerilog) and VHDL that a name could be.
_WORDS = """
abs accept_on access after alias alignas alignof all always always_comb always_ff always_latch and
and_eq architecture array asm assert assign assume assume_guarantee attribute auto automatic
before begin bind bins binsof bit bitand bitor block body bool break buf buffer bufif0 bufif1 bus
byte case casex casez catch cell chandle char char16_t char32_t char8_t checker class clocking
cmos co_await co_return co_yield compl component concept config configuration const const_cast
constant consteval constexpr constinit constraint context continue cover covergroup coverpoint
cross deassign decltype default default_clock defparam delete design disable disconnect dist do
double downto dynamic_cast edge else elsif end endcase endchecker endclass endclocking endconfig
endfunction endgenerate endgroup endinterface endmodule endpackage endprimitive endprogram
endproperty endsequence endspecify endtable endtask entity enum event eventually exit expect
explicit export extends extern fairness false file final first_match float for force foreach
forever fork forkjoin friend function generate generic genvar global goto group guarded highz0
highz1 if iff ifnone ignore_bins illegal_bins implements implies import impure in incdir include
inertial initial inline inout input inside instance int integer interconnect interface intersect
is join join_any join_none label large let liblist library linkage literal local localparam logic
long longint loop macromodule main map matches medium mod modport module mutable namespace nand
negedge nettype new next nexttime nmos noexcept nor noshowcancelled not not_eq notif0 notif1 null
nullptr of on open operator or or_eq others out output package packed parameter pmos port posedge
postponed primitive priority private procedure process program property protected public pull0
pull1 pulldown pullup pulsestyle_ondetect pulsestyle_onevent pure rand randc randcase randsequence
range rcmos real realtime record ref reg register reinterpret_cast reject reject_on release rem
repeat report requires restrict restrict_guarantee return rnmos rol ror rpmos rtran rtranif0
rtranif1 s_always s_eventually s_nexttime s_until s_until_with scalared select sequence severity
shared short shortint shortreal showcancelled signal signed sizeof sla sll small soft solve
specify specparam sra srl static static_assert static_cast string strong strong0 strong1 struct
subtype super supply0 supply1 switch sync_accept_on sync_reject_on table tagged task template then
this thread_local throughout throw time timeprecision timeunit to tran tranif0 tranif1 transport
tri tri0 tri1 triand trior trireg true try type typedef typeid typename unaffected union unique
unique0 units unsigned until until_with untyped use using uwire var variable vectored view virtual
vmode void volatile vprop vunit wait wait_order wand wchar_t weak weak0 weak1 when while wildcard
wire with within wor work xnor xor xor_eq
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
