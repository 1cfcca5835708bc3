"""The field's published data sets as they lie on disk: pairs of rainy and clean clips, real rain."""
