"""Operations on storage: (raw integers, Format) in, raw integers out."""
