// Constants as fractions, rounded down, the lowest limb first.
#pragma once

#include "elementary/limbs.hh"

namespace FX_VARIANT {

constexpr Limbs<6> LN2 = {{ // ln 2
    0x559552fb4afa1b10, 0xe7b876206debac98, 0x8a0d175b8baafa2b, 0x40f343267298b62d,
    0xc9e3b39803f2f6af, 0xb17217f7d1cf79ab}};

constexpr Limbs<6> HALF_LOG2_E = {{ // 1 / (2 ln 2)
    0x24d92f75c16be0b3, 0xde1c43f755176cd6, 0x8b25166cd1a13247, 0xeb577aa8dd695a58,
    0xbe87fed0691d3e88, 0xb8aa3b295c17f0bb}};

constexpr Limbs<6> LOG10_E = {{ // 1 / ln 10
    0x4911aac96323250a, 0x3aa1277d0a0179f9, 0x1d1f96a27bc7529e, 0x1f71a30122e4d101,
    0x9aadd557d699ee19, 0x6f2dec549b9438ca}};

constexpr Limbs<6> LOG10_2 = {{ // log10 2
    0x4f2e5e399a38de89, 0x943516c0c8cfd5e8, 0xc52f37935be631e5, 0x13569862a1e8f9a4,
    0x47c4acd605be48bc, 0x4d104d427de7fbcc}};

constexpr Limbs<6> QUARTER_PI = {{ // pi / 4
    0xef9519b3cd3a431b, 0x514a08798e3404dd, 0x020bbea63b139b22, 0x29024e088a67cc74,
    0xc4c6628b80dc1cd1, 0xc90fdaa22168c234}};

constexpr Limbs<14> INVERSE_TWO_PI = {{ // 1 / (2 pi)
    0xdb4d9fb3c9f2c26d, 0xfbcbc462d6829b47, 0xc7fe25fff7816603, 0x272117e2ef7e4a0e,
    0x4e64758e60d4ce7d, 0x3a671c09ad17df90, 0xba208d7d4baed121, 0x3f877ac72c4a69cf,
    0x01924bba82746487, 0x6dc91b8e909374b8, 0x7f9458eaf7aef158, 0x36d8a5664f10e410,
    0x7f09d5f47d4d3770, 0x28be60db9391054a}};

} // namespace FX_VARIANT
