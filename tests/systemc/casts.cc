// Conversions, sums and products of SystemC's sc_fix and sc_ufix, one a line of input:
//
//   operation  x  y  target  quantization  overflow
//
// where operation is cast, add or multiply, an operand (y is absent of a cast) is
//   s|u  width  integer_bits  bits
// its bits a string of 0 and 1, highest first, and the target is s|u  width  integer_bits.
// The answer is the target's bits.

#define SC_INCLUDE_FX
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <systemc>

using namespace sc_dt;

namespace {

const std::map<std::string, sc_q_mode> quantizations = {
    {"SC_TRN", SC_TRN},           {"SC_TRN_ZERO", SC_TRN_ZERO},
    {"SC_RND", SC_RND},           {"SC_RND_ZERO", SC_RND_ZERO},
    {"SC_RND_INF", SC_RND_INF},   {"SC_RND_MIN_INF", SC_RND_MIN_INF},
    {"SC_RND_CONV", SC_RND_CONV},
};

const std::map<std::string, sc_o_mode> overflows = {
    {"SC_SAT", SC_SAT},
    {"SC_SAT_ZERO", SC_SAT_ZERO},
    {"SC_SAT_SYM", SC_SAT_SYM},
    {"SC_WRAP", SC_WRAP},
};

struct Shape {
    bool is_signed;
    int width, integer_bits;
};

std::istream &operator>>(std::istream &in, Shape &shape) {
    std::string kind;
    in >> kind >> shape.width >> shape.integer_bits;
    shape.is_signed = kind == "s";
    return in;
}

std::shared_ptr<sc_fxnum> make(const Shape &shape, sc_q_mode q, sc_o_mode o) {
    if (shape.is_signed)
        return std::make_shared<sc_fix>(shape.width, shape.integer_bits, q, o);
    return std::make_shared<sc_ufix>(shape.width, shape.integer_bits, q, o);
}

std::shared_ptr<sc_fxnum> read_operand() {
    Shape shape;
    std::string bits;
    std::cin >> shape >> bits;
    auto number = make(shape, SC_TRN, SC_WRAP);
    for (int i = 0; i < shape.width; ++i)
        (*number)[i] = bits[shape.width - 1 - i] == '1';
    return number;
}

}  // namespace

int sc_main(int, char **) {
    std::string operation;
    while (std::cin >> operation) {
        auto x = read_operand();
        sc_fxval exact(*x);
        if (operation != "cast") {
            auto y = read_operand();
            exact = operation == "add" ? *x + *y : *x * *y;
        }
        Shape shape;
        std::string quantization, overflow;
        std::cin >> shape >> quantization >> overflow;
        auto result = make(shape, quantizations.at(quantization), overflows.at(overflow));
        *result = exact;
        std::string bits;
        for (int i = shape.width - 1; i >= 0; --i)
            bits += bool((*result)[i]) ? '1' : '0';
        std::cout << bits << '\n';
    }
    return 0;
}
