"""The rooms of the Depth page: recipe, stage, point cloud, confidence, flow, saving."""
